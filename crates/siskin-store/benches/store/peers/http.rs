//! Just enough HTTP for a server on this machine: 1.0, so that an answer ends with its connection.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};

/// The body of the answer; none where there is no connection.
pub(crate) fn asked(port: u16, method: &str, path: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.0\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let is_good = head.split(' ').nth(1).is_some_and(|status| status.starts_with('2'));
    assert!(is_good, "{method} {path}: {answer}");
    Some(body.to_owned())
}

/// What a query may have in it.
pub(crate) fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}
