"""The harness proves itself: were the emulator or a stand-in too kind, Bailiff's own tests would prove nothing."""
