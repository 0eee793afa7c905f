//! Bailiff.
