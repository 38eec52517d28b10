//! What containers are asked whether they are well.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Ground;
use super::field::{maybe, object, one_of, sure};

/// The probes of a container. Where it runs, it has commands alone: nobody listens there.
pub(super) fn probes(ground: Ground) -> Vec<(&'static str, BoxedStrategy<Value>)> {
    vec![
        ("startupProbe", maybe(probe(ground, Numbers::OfOneEnd))),
        ("livenessProbe", maybe(probe(ground, Numbers::OfOneEnd))),
        ("readinessProbe", maybe(probe(ground, Numbers::OfBoth))),
    ]
}

/// Which numbers a probe may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// Those of one that ends a container.
    OfOneEnd,
    /// Those of one that ends nothing.
    OfBoth,
}

fn probe(ground: Ground, numbers: Numbers) -> BoxedStrategy<Value> {
    let of = |kind: &'static str, action: BoxedStrategy<Value>| object(vec![(kind, action)]);
    let exec = of("exec", object(vec![("command", sure(json!(["true"])))]));
    let handler = match ground {
        Ground::Real => exec,
        Ground::Simulated => {
            prop_oneof![exec, of("httpGet", http()), of("tcpSocket", socket()), of("grpc", grpc())]
                .boxed()
        }
    };
    // A command in a container is a process of podman's: many pods of one small machine are asked once, and then seldom.
    let (period, timeout) = match ground {
        Ground::Real => (sure(json!(600)), sure(json!(60))),
        Ground::Simulated => (maybe(one_of(json!([5, 10]))), maybe(one_of(json!([5, 30])))),
    };
    let mut fields = vec![
        ("initialDelaySeconds", maybe(one_of(json!([0, 1])))),
        ("periodSeconds", period),
        ("timeoutSeconds", timeout),
        ("failureThreshold", maybe(one_of(json!([3, 10])))),
    ];
    match numbers {
        Numbers::OfOneEnd => {
            fields.push(("successThreshold", maybe(sure(json!(1)))));
            fields.push(("terminationGracePeriodSeconds", maybe(one_of(json!([1, 30])))));
        }
        Numbers::OfBoth => {
            let enough = match ground {
                Ground::Real => json!([1]),
                Ground::Simulated => json!([1, 2]),
            };
            fields.push(("successThreshold", maybe(one_of(enough))));
        }
    }
    (handler, object(fields))
        .prop_map(|(mut handler, numbers)| {
            let numbers = numbers.as_object().cloned().unwrap_or_default();
            handler.as_object_mut().unwrap().extend(numbers);
            handler
        })
        .boxed()
}

fn http() -> BoxedStrategy<Value> {
    object(vec![
        ("path", maybe(one_of(json!(["/any", "any?a=b c"])))),
        ("port", sure(json!(10_000))),
        ("host", maybe(sure(json!("127.0.0.1")))),
        ("scheme", maybe(one_of(json!(["HTTP", "HTTPS"])))),
        ("httpHeaders", maybe(sure(json!([{"name": "X-Any", "value": "any"}])))),
        ("protocol", maybe(one_of(json!(["HTTP1", "HTTP2"])))),
    ])
}

fn socket() -> BoxedStrategy<Value> {
    object(vec![("port", sure(json!(10_000))), ("host", maybe(sure(json!("127.0.0.1"))))])
}

fn grpc() -> BoxedStrategy<Value> {
    object(vec![
        ("port", sure(json!(9000))),
        ("service", maybe(one_of(json!(["", "any.service"])))),
        ("mode", maybe(one_of(json!(["TLS", "Plaintext"])))),
    ])
}
