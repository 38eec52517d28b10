//! Requests that a host sends to a container.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Container, HTTPGetAction, HTTPHeader};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The URL of a request and its header lines, for a pod of this address.
pub(super) fn request(
    get: &HTTPGetAction,
    container: &Container,
    address: Ipv4Addr,
) -> (String, Vec<String>) {
    let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_ascii_lowercase();
    let host = host_or(get.host.as_ref(), address);
    let port = port(&get.port, container);
    let path = get.path.as_deref().unwrap_or_default();
    let slash = if path.starts_with('/') { "" } else { "/" };
    let headers = get.http_headers.iter().flatten();
    (format!("{scheme}://{host}:{port}{slash}{}", escaped(path)), headers.map(header).collect())
}

/// The host that is named, or the pod's address.
pub(super) fn host_or(named: Option<&String>, address: Ipv4Addr) -> String {
    let named = named.filter(|host| !host.is_empty()).cloned();
    // It is one word of a line.
    named.map_or_else(|| address.to_string(), |host| host.split_whitespace().collect())
}

/// A port by its number, by its name, or by its number in quotes.
pub(super) fn port(port: &IntOrString, container: &Container) -> i32 {
    match port {
        IntOrString::Int(number) => *number,
        IntOrString::String(name) => {
            let ports = container.ports.iter().flatten();
            let mut named = ports.filter(|port| port.name.as_ref() == Some(name));
            let named = named.next().map(|port| port.container_port);
            named.or_else(|| name.parse().ok()).unwrap_or(0)
        }
    }
}

/// A header as curl reads its lines: one without a value ends with a semicolon, unless it is one that curl sends by itself and
/// shall not.
fn header(header: &HTTPHeader) -> String {
    let HTTPHeader { name, value } = header;
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let unsent = ["Accept", "User-Agent"].iter().any(|own| name.eq_ignore_ascii_case(own));
    match value.trim() {
        "" if unsent => format!("{name}:"),
        "" => format!("{name};"),
        value => format!("{name}: {value}"),
    }
}

/// A path, with a query or without, as it may stand in a URL.
fn escaped(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for (at, byte) in path.bytes().enumerate() {
        let hex =
            |offset: usize| path.as_bytes().get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        let plain = match byte {
            b'%' => hex(1) && hex(2),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
            other => other.is_ascii_graphic(),
        };
        if plain {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_escaped_where_it_must_be() {
        assert_eq!(escaped("/a b?x=1&y=[2]#é%20%2"), "/a%20b?x=1&y=[2]#%C3%A9%20%252");
    }

    #[test]
    fn a_header_is_one_line_whatever_its_value_is() {
        let line = |name: &str, value: &str| {
            header(&HTTPHeader { name: name.to_owned(), value: value.to_owned() })
        };
        assert_eq!(line("X-A", "b\nX-C: d"), "X-A: b X-C: d");
        assert_eq!(line("X-A", ""), "X-A;");
        assert_eq!(line("accept", ""), "accept:");
    }
}
