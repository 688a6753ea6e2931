//! Bytes to readings: register maps and MQTT payload mappings
