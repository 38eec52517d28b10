//! What is open to the outside.

use crate::document::Severity;
use crate::lint::found::Found;
use crate::lint::rule::{Check, Rule, Usual};
use crate::manifest::ReadObject;
use crate::model::Object;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "node-port",
        usual: Usual::On(Severity::Notice),
        finds: "a Service that opens a port of every host",
        why: "The port is open to whoever reaches any of the hosts, past whatever Ingress there is.",
        fix: "`type: ClusterIP`, with an Ingress before it if the outside needs it",
        check: Check::Object(node_port),
    },
    Rule {
        id: "ingress-without-tls",
        usual: Usual::On(Severity::Notice),
        finds: "an Ingress that speaks plain HTTP",
        why: "Passwords and cookies cross the network for everybody on the way to read.",
        fix: "name a certificate: `tls: [{hosts: [example.org], secretName: example-tls}]`",
        check: Check::Object(plain_ingress),
    },
];

fn node_port(read: &ReadObject, found: &mut Found) {
    let Object::Service(service) = &read.object else { return };
    let kind = service.spec.as_ref().and_then(|spec| spec.type_.as_deref());
    if kind == Some("NodePort") {
        found.say(read, "spec.type", "open on every host", "this opens a port of every host");
    }
}

fn plain_ingress(read: &ReadObject, found: &mut Found) {
    let Object::Ingress(ingress) = &read.object else { return };
    let tls = ingress.spec.as_ref().and_then(|spec| spec.tls.as_ref());
    if tls.is_none_or(Vec::is_empty) {
        found.say(read, "spec.tls", "no tls", "what comes in here is not encrypted");
    }
}
