"""The demo's scenes, one file each, and the stage that they play on."""
