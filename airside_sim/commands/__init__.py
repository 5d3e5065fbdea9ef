"""What the `airside` subcommands do, one module a noun."""
