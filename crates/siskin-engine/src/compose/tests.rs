//! Hand-made stories of rules over several alarms and channels. Must never use a clock.
