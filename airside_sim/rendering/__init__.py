"""Pictures of a simulator: pygame surfaces, the BEV inspector, video. Everything here only reads the world."""
