//! Where a device is reached, in one line. Must never say a password or a key.

use siskin_config::Settings;
use siskin_model::site::{Connection, Parity, SerialLine};

/// The address of a connection of this site.
pub(super) fn of(settings: &Settings, connection: &Connection) -> String {
    match connection {
        Connection::ModbusTcp { host, port, unit }
        | Connection::ModbusRtuOverTcp { host, port, unit } => format!("{host}:{port} · {unit}"),
        Connection::ModbusRtu { line, unit } => format!("{} · {unit}", serial(line)),
        Connection::Mqtt { topic } => at_broker(settings, topic),
        Connection::Sparkplug { group, node, device } => {
            let names = [Some(group), Some(node), device.as_ref()].into_iter().flatten();
            let names: Vec<&str> = names.map(String::as_str).collect();
            at_broker(settings, &names.join("/"))
        }
        Connection::Hj212(logger) => format!("MN {}", logger.mn),
    }
}

fn serial(line: &SerialLine) -> String {
    let parity = match line.parity {
        Parity::None => 'N',
        Parity::Even => 'E',
        Parity::Odd => 'O',
    };
    format!("{} {} 8{parity}{}", line.path, line.baud, line.stop_bits)
}

fn at_broker(settings: &Settings, name: &str) -> String {
    match &settings.site.broker {
        Some(broker) => format!("{}:{} · {name}", broker.host, broker.port),
        None => name.to_owned(),
    }
}
