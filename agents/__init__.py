"""The learners. They import `airside_sim`; `airside_sim` never imports them."""
