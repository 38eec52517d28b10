use super::*;

#[test]
fn ingresses() {
    table(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: ",
        &[
            ("{defaultBackend: {service: {name: web, port: {number: 80}}}}", ""),
            ("{}", "required spec"),
            ("{rules: [{host: a.example.com}]}", ""),
            ("{rules: [{host: \"*.example.com\"}]}", ""),
            ("{rules: [{host: \"a.*.com\"}]}", "invalid-name spec.rules[0].host"),
            ("{rules: [{host: 10.0.0.1}]}", "invalid-value spec.rules[0].host"),
            ("{rules: [{http: {paths: []}}]}", "required spec.rules[0].http.paths"),
            (
                "{rules: [{http: {paths: [{pathType: Prefix, path: /, backend: {service: {name: web, port: {name: http}}}}]}}]}",
                "",
            ),
            (
                "{rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {name: http}}}}]}}]}",
                "required spec.rules[0].http.paths[0].pathType",
            ),
            (
                "{rules: [{http: {paths: [{pathType: Prefix, path: a, backend: {service: {name: web, port: {number: 0}}}}]}}]}",
                "invalid-value spec.rules[0].http.paths[0].path, required spec.rules[0].http.paths[0].backend.service.port",
            ),
            (
                "{rules: [{http: {paths: [{pathType: Exact, path: /a//b, backend: {service: {name: web, port: {number: 1}}}}]}}]}",
                "invalid-value spec.rules[0].http.paths[0].path",
            ),
            (
                "{rules: [{http: {paths: [{pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 1}}}}]}}]}",
                "",
            ),
            (
                "{rules: [{http: {paths: [{pathType: Regex, path: /, backend: {}}]}}]}",
                "invalid-value spec.rules[0].http.paths[0].pathType, required spec.rules[0].http.paths[0].backend",
            ),
            (
                "{defaultBackend: {service: {name: web, port: {number: 80, name: http}}}}",
                "invalid-value spec.defaultBackend.service.port",
            ),
            (
                "{defaultBackend: {resource: {apiGroup: k8s.example.com, kind: Bucket, name: static}}}",
                "",
            ),
            (
                "{rules: [{host: a.b}], tls: [{hosts: [A.b], secretName: x}]}",
                "invalid-name spec.tls[0].hosts[0]",
            ),
            (
                "{rules: [{host: a.b}], ingressClassName: Nginx}",
                "invalid-name spec.ingressClassName",
            ),
        ],
    );
    table(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {ingressClassName: nginx, rules: [{host: a.b}]}\nmetadata: ",
        &[
            ("{name: web, annotations: {kubernetes.io/ingress.class: nginx}}", ""),
            (
                "{name: web, annotations: {kubernetes.io/ingress.class: other}}",
                "invalid-value metadata.annotations[kubernetes.io/ingress.class]",
            ),
        ],
    );
}

#[test]
fn ingress_classes() {
    table(
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: web}\nspec: ",
        &[
            ("{controller: k8s.io/ingress-nginx}", ""),
            ("{}", "required spec.controller"),
            ("{controller: nginx}", "invalid-value spec.controller"),
            ("{controller: a.b/c, parameters: {kind: K, name: x}}", ""),
            (
                "{controller: a.b/c, parameters: {kind: K, name: x, scope: Namespace}}",
                "required spec.parameters.namespace",
            ),
            (
                "{controller: a.b/c, parameters: {kind: K, name: x, namespace: x}}",
                "forbidden spec.parameters.namespace",
            ),
        ],
    );
}

#[test]
fn network_policies() {
    table(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec: ",
        &[
            ("{podSelector: {}}", ""),
            ("{podSelector: {}, policyTypes: [Ingress, Egress]}", ""),
            ("{podSelector: {}, policyTypes: [ingress]}", "invalid-value spec.policyTypes[0]"),
            (
                "{podSelector: {matchLabels: {a b: c}}}",
                "invalid-label spec.podSelector.matchLabels[a b]",
            ),
            (
                "{podSelector: {matchExpressions: [{key: a, operator: In}]}}",
                "required spec.podSelector.matchExpressions[0].values",
            ),
            ("{podSelector: {}, ingress: [{}]}", ""),
            ("{podSelector: {}, ingress: [{from: [{}]}]}", "required spec.ingress[0].from[0]"),
            (
                "{podSelector: {}, ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}",
                "forbidden spec.ingress[0].from[0]",
            ),
            (
                "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}",
                "",
            ),
            (
                "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.1.0.0/16]}}]}]}",
                "invalid-value spec.egress[0].to[0].ipBlock.except[0]",
            ),
            (
                "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0}}]}]}",
                "invalid-value spec.egress[0].to[0].ipBlock.cidr",
            ),
            (
                "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 90, protocol: SCTP}]}]}",
                "",
            ),
            (
                "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 70}]}]}",
                "out-of-range spec.ingress[0].ports[0].endPort",
            ),
            (
                "{podSelector: {}, ingress: [{ports: [{port: web, endPort: 70}]}]}",
                "forbidden spec.ingress[0].ports[0].endPort",
            ),
            (
                "{podSelector: {}, ingress: [{ports: [{endPort: 70}]}]}",
                "forbidden spec.ingress[0].ports[0].endPort",
            ),
        ],
    );
}

#[test]
fn endpoints_and_slices() {
    table(
        "apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\nsubsets: ",
        &[
            ("[{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]", ""),
            ("[{ports: [{port: 80}]}]", "required subsets[0]"),
            ("[{addresses: [{ip: 127.0.0.1}]}]", "invalid-value subsets[0].addresses[0].ip"),
            (
                "[{notReadyAddresses: [{ip: web}]}]",
                "invalid-value subsets[0].notReadyAddresses[0].ip",
            ),
            (
                "[{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}, {port: 81, name: b}]}]",
                "required subsets[0].ports[0].name",
            ),
        ],
    );
    table(
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web}\n",
        &[
            ("addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]\nports: [{port: 80}]", ""),
            ("endpoints: [{addresses: [10.0.0.1]}]", "required addressType"),
            (
                "addressType: IPv6\nendpoints: [{addresses: [10.0.0.1]}]",
                "invalid-value endpoints[0].addresses[0]",
            ),
            (
                "addressType: FQDN\nendpoints: [{addresses: [web]}]",
                "invalid-name endpoints[0].addresses[0]",
            ),
            ("addressType: IPv4\nendpoints: [{addresses: []}]", "required endpoints[0].addresses"),
            (
                "addressType: IPv4\nendpoints: []\nports: [{name: a, port: 1}, {name: a, port: 2}]",
                "duplicate-name ports[1].name",
            ),
        ],
    );
}
