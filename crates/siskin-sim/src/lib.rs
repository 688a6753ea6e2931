//! A simulated park whose devices speak the real protocols
