//! What pods are called, and whom they ask.

use super::{Look, pod};
use crate::fleet::Fleet;

pub(super) fn pods() -> String {
    let config = "dnsConfig: {nameservers: [10.9.9.9], searches: [a.example], options: [{name: ndots, value: '3'}]}";
    [
        pod("named", "hostname: alice\nsubdomain: house\nhostAliases: [{ip: 10.9.9.9, hostnames: [foo, bar]}]", ""),
        pod("ports", "", "command: [sh, -c, 'mkdir /w; echo hello >/w/index.html; exec httpd -f -h /w -p 80']\nports: [{containerPort: 80, hostPort: 8086}, {containerPort: 80, hostPort: 8087, hostIP: 10.62.0.99}]").replace("    command: [sleep, '100000']\n", ""),
        pod("fqdn", "hostname: bob\nsubdomain: house\nsetHostnameAsFQDN: true", ""),
        pod("override", "hostnameOverride: carol.example", ""),
        pod("dns-none", &format!("dnsPolicy: None\n{config}"), ""),
        pod("dns-more", &format!("dnsPolicy: Default\n{config}"), ""),
    ]
    .concat()
}

pub(super) const LOOKS: &[Look] = &[
    Look { row: "hostname", pod: "named", asks: "hostname", sees: &["alice"] },
    Look {
        row: "subdomain",
        pod: "named",
        asks: "grep -c \"house.default.svc.cluster.local.alice$\" /etc/hosts; hostname -f",
        sees: &["1", "alice.house.default.svc.cluster.local"],
    },
    Look {
        row: "hostAliases",
        pod: "named",
        asks: "grep 10.9.9.9 /etc/hosts | tr -s \"[:space:]\" \" \"; echo",
        sees: &["10.9.9.9 foo bar"],
    },
    Look {
        row: "setHostnameAsFQDN",
        pod: "fqdn",
        asks: "hostname",
        sees: &["bob.house.default.svc.cluster.local"],
    },
    Look { row: "hostnameOverride", pod: "override", asks: "hostname", sees: &["carol.example"] },
    Look { row: "hostname when nothing is said", pod: "plain", asks: "hostname", sees: &["plain"] },
    Look {
        row: "dnsPolicy: None, dnsConfig",
        pod: "dns-none",
        asks: "cat /etc/resolv.conf",
        sees: &["search a.example", "nameserver 10.9.9.9", "options ndots:3"],
    },
    Look {
        row: "dnsPolicy: Default, dnsConfig",
        pod: "dns-more",
        asks: "grep -v nameserver /etc/resolv.conf; grep -c nameserver.10.9.9.9 /etc/resolv.conf",
        sees: &["search a.example", "options ndots:3", "1"],
    },
];

/// Ports of the host, from itself, from another host and from a pod of either; only at the addresses that are said.
pub(super) fn from_outside(fleet: &Fleet) {
    let get = |from: &str, port: u16| {
        let line = format!("curl -s --max-time 3 http://10.62.0.11:{port}/; true");
        fleet.on(from, &line).trim().to_owned()
    };
    for from in ["node-1", "node-2"] {
        assert_eq!(get(from, 8086), "hello", "hostPort from {from}");
        assert_eq!(get(from, 8087), "", "hostIP: not at another address, from {from}");
        assert_eq!(get(from, 80), "", "the pod's own port is not the host's, from {from}");
    }
    for pod in ["plain", "ports"] {
        // The wget of Debian 12's busybox crashes.
        let ask = r"printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 3 10.62.0.11 8086 | tail -n 1";
        let line = format!("podman exec lab_default_{pod}_c sh -c \"{ask}\"");
        assert_eq!(fleet.on("node-1", &line).trim(), "hello", "hostPort from pod {pod}");
    }
    fleet.on("node-1", "ip address add 10.62.0.99/32 dev lo");
    let line =
        "ip route replace 10.62.0.99 via 10.62.0.11; curl -s --max-time 3 http://10.62.0.99:8087/";
    assert_eq!(fleet.on("node-2", line).trim(), "hello", "hostIP");
    fleet.on("node-2", "ip route del 10.62.0.99");
}
