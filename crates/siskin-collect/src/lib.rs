//! Sources: Modbus TCP and MQTT, read into readings and device health
