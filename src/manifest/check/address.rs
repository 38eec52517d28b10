//! IP addresses and ranges, as the API server reads them.
//!
//! Leading zeros of IPv4 addresses are passed over and ranges may have bits set beyond their length: the API server
//! takes both in fields that were there before it knew better.

use std::net::{IpAddr, Ipv4Addr};

use super::Check;
use crate::document::quoted;

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

/// A range of addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    address: u128,
    family: Family,
    length: u32,
}

/// Reads an address.
pub(super) fn parse(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        *octet = Some(part).filter(|_| digits)?.parse().ok()?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets).into())
}

/// The family of an address.
pub(super) fn family(address: IpAddr) -> Family {
    match address {
        IpAddr::V4(_) => Family::V4,
        IpAddr::V6(_) => Family::V6,
    }
}

impl Range {
    /// Reads a range such as `10.0.0.0/8`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let address = parse(address)?;
        let digits = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
        let length: u32 = Some(length).filter(|_| digits)?.parse().ok()?;
        let family = family(address);
        let range = Self { address: bits(address), family, length };
        (length <= range.bits()).then_some(range)
    }

    /// Whether another range lies in this one and is smaller.
    pub(super) fn holds_more_than(self, other: Self) -> bool {
        let rest = self.bits().saturating_sub(self.length);
        let cut = |address: u128| address.checked_shr(rest).unwrap_or(0);
        self.family == other.family
            && self.length < other.length
            && cut(self.address) == cut(other.address)
    }

    fn bits(self) -> u32 {
        match self.family {
            Family::V4 => 32,
            Family::V6 => 128,
        }
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl Check<'_> {
    /// Refuses what is no address, and gives what is one.
    pub(super) fn address(&mut self, path: &str, text: &str) -> Option<IpAddr> {
        let address = parse(text);
        if text.is_empty() {
            self.required(path);
        } else if address.is_none() {
            let message = format!("{} is not an IP address", quoted(text));
            self.error("invalid-value", path, &message);
        }
        address
    }

    /// Refuses what is no range of addresses, and gives what is one.
    pub(super) fn cidr(&mut self, path: &str, text: &str) -> Option<Range> {
        let range = Range::parse(text);
        if range.is_none() {
            let message = format!("{} is not a range of IP addresses", quoted(text));
            let help = match parse(text).map(family) {
                Some(Family::V4) => format!("for this address alone write {text}/32"),
                Some(Family::V6) => format!("for this address alone write {text}/128"),
                None => "write it as 10.0.0.0/8 or 2001:db8::/32".to_owned(),
            };
            self.error_with("invalid-value", path, &message, &help);
        }
        range
    }

    /// Refuses addresses that mean the host itself, or nobody.
    pub(super) fn ordinary_address(&mut self, path: &str, text: &str) {
        let Some(address) = self.address(path, text) else { return };
        let local = match address {
            IpAddr::V4(v4) => v4.is_link_local() || v4.octets()[..3] == [224, 0, 0],
            IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.segments()[0] == 0xff02,
        };
        let what = if address.is_unspecified() {
            "the unspecified address"
        } else if address.is_loopback() {
            "a loopback address"
        } else if local {
            "a link-local address"
        } else {
            return;
        };
        let message = format!("{} is {what}, which nothing can be reached at", quoted(text));
        self.error("invalid-value", path, &message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, family) in [
            ("10.0.0.1", Some(Family::V4)),
            ("010.0.00.1", Some(Family::V4)),
            ("::1", Some(Family::V6)),
            ("::ffff:1.2.3.4", Some(Family::V6)),
            ("10.0.0", None),
            ("10.0.0.256", None),
            ("10.0.0.1.2", None),
            ("10.0.0.+1", None),
            ("fe80::1%eth0", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(super::family), family, "{text}");
        }
    }

    #[test]
    fn ranges() {
        for (text, fits) in [
            ("10.0.0.0/8", true),
            ("10.1.2.3/8", true),
            ("0.0.0.0/0", true),
            ("::/0", true),
            ("::/129", false),
            ("10.0.0.0/33", false),
            ("10.0.0.0", false),
            ("10.0.0.0/", false),
            ("10.0.0.0/+8", false),
        ] {
            assert_eq!(Range::parse(text).is_some(), fits, "{text}");
        }
        for (outer, inner, holds) in [
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.0.0.0/8", "10.0.0.0/8", false),
            ("10.0.0.0/8", "11.0.0.0/16", false),
            ("0.0.0.0/0", "10.0.0.0/8", true),
            ("::/0", "2001:db8::/32", true),
            ("0.0.0.0/0", "2001:db8::/32", false),
        ] {
            let (one, other) = (Range::parse(outer).unwrap(), Range::parse(inner).unwrap());
            assert_eq!(one.holds_more_than(other), holds, "{outer} {inner}");
        }
    }
}
