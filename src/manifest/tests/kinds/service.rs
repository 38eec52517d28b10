use super::*;

const HEAD: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: ";

#[test]
fn types_and_addresses() {
    table(
        HEAD,
        &[
            ("{ports: [{port: 80}]}", ""),
            ("{type: ExternalName, externalName: my.db.example.com}", ""),
            ("{type: ExternalName, externalName: my.db.example.com.}", ""),
            ("{type: ExternalName, externalName: My_DB}", "invalid-name spec.externalName"),
            (
                "{type: ExternalName, externalName: a.b, clusterIP: 10.96.0.1}",
                "forbidden spec.clusterIP",
            ),
            ("{type: Nodeport, ports: [{port: 80}]}", "invalid-value spec.type"),
            ("{clusterIP: None}", ""),
            ("{clusterIP: None, clusterIPs: [None]}", ""),
            (
                "{clusterIP: None, type: NodePort, ports: [{port: 80}]}",
                "invalid-value spec.clusterIP",
            ),
            ("{clusterIP: 10.96.0.300, ports: [{port: 80}]}", "invalid-value spec.clusterIP"),
            ("{clusterIPs: [10.96.0.3], ports: [{port: 80}]}", "invalid-value spec.clusterIPs"),
            (
                "{clusterIP: 10.96.0.3, clusterIPs: [10.96.0.4], ports: [{port: 80}]}",
                "invalid-value spec.clusterIPs[0]",
            ),
            ("{clusterIP: \"fd00::1\", ports: [{port: 80}]}", ""),
            (
                "{clusterIP: \"fd00::1\", ipFamilies: [IPv4], ports: [{port: 80}]}",
                "invalid-value spec.clusterIP",
            ),
            ("{ipFamilies: [IPv6], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}", ""),
            (
                "{ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}",
                "",
            ),
            (
                "{ipFamilies: [IPv4, IPv6], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",
                "invalid-value spec.ipFamilyPolicy",
            ),
            ("{ipFamilies: [IPv5], ports: [{port: 80}]}", "invalid-value spec.ipFamilies[0]"),
            (
                "{externalIPs: [127.0.0.1], ports: [{port: 80}]}",
                "invalid-value spec.externalIPs[0]",
            ),
            ("{externalIPs: [203.0.113.7], ports: [{port: 80}]}", ""),
        ],
    );
}

#[test]
fn ports() {
    table(
        HEAD,
        &[
            ("{type: NodePort, ports: [{port: 80, nodePort: 30080}]}", ""),
            ("{type: NodePort, ports: [{port: 80, nodePort: 0}]}", ""),
            (
                "{type: NodePort, ports: [{port: 80, nodePort: 8080}]}",
                "out-of-range spec.ports[0].nodePort",
            ),
            ("{ports: [{port: 80, nodePort: 30080}]}", "forbidden spec.ports[0].nodePort"),
            (
                "{type: NodePort, ports: [{port: 1, name: a, nodePort: 30080}, {port: 2, name: b, nodePort: 30080}]}",
                "duplicate-name spec.ports[1].nodePort",
            ),
            (
                "{type: NodePort, ports: [{port: 1, name: a, nodePort: 30080}, {port: 2, name: b, protocol: UDP, nodePort: 30080}]}",
                "",
            ),
            ("{ports: [{port: 53, name: a}, {port: 53, name: b, protocol: UDP}]}", ""),
            (
                "{ports: [{port: 53, name: a}, {port: 53, name: b}]}",
                "duplicate-name spec.ports[1].port",
            ),
            ("{ports: [{port: 9, protocol: SCTP}]}", ""),
            ("{type: LoadBalancer, ports: [{port: 10250}]}", "invalid-value spec.ports[0].port"),
            ("{ports: [{port: 80, appProtocol: kubernetes.io/h2c}]}", ""),
            (
                "{ports: [{port: 80, appProtocol: \"a b\"}]}",
                "invalid-label spec.ports[0].appProtocol",
            ),
            ("{ports: [{port: 80, targetPort: web-ui}]}", ""),
        ],
    );
}

#[test]
fn traffic() {
    table(
        HEAD,
        &[
            ("{sessionAffinity: ClientIP, ports: [{port: 80}]}", ""),
            (
                "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 90000}}, ports: [{port: 80}]}",
                "out-of-range spec.sessionAffinityConfig.clientIP.timeoutSeconds",
            ),
            ("{sessionAffinityConfig: {clientIP: {timeoutSeconds: 9}}, ports: [{port: 80}]}", ""),
            (
                "{internalTrafficPolicy: Node, ports: [{port: 80}]}",
                "invalid-value spec.internalTrafficPolicy",
            ),
            (
                "{externalTrafficPolicy: Local, ports: [{port: 80}]}",
                "forbidden spec.externalTrafficPolicy",
            ),
            ("{externalTrafficPolicy: Local, externalIPs: [203.0.113.7], ports: [{port: 80}]}", ""),
            ("{type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80}]}", ""),
            (
                "{type: NodePort, externalTrafficPolicy: Local, healthCheckNodePort: 30000, ports: [{port: 80}]}",
                "forbidden spec.healthCheckNodePort",
            ),
            (
                "{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30000, ports: [{port: 80}]}",
                "",
            ),
            (
                "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]}",
                "",
            ),
            (
                "{loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]}",
                "forbidden spec.loadBalancerSourceRanges",
            ),
            (
                "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.1], ports: [{port: 80}]}",
                "invalid-value spec.loadBalancerSourceRanges[0]",
            ),
            (
                "{type: NodePort, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}",
                "forbidden spec.allocateLoadBalancerNodePorts",
            ),
            ("{type: LoadBalancer, loadBalancerClass: example.com/fast, ports: [{port: 80}]}", ""),
            ("{trafficDistribution: PreferSameNode, ports: [{port: 80}]}", ""),
            (
                "{trafficDistribution: Near, ports: [{port: 80}]}",
                "invalid-value spec.trafficDistribution",
            ),
            ("{publishNotReadyAddresses: true, ports: [{port: 80}]}", ""),
        ],
    );
}

#[test]
fn the_fix_is_typed_out() {
    let text = format!(
        "{HEAD}
  clusterIPs: [10.96.0.7]
  ports:
    - {{port: 80, nodePort: 30080}}
    - {{port: 443, name: https, targetPort: \"8443\"}}
  externalTrafficPolicy: Local
"
    );
    insta::assert_snapshot!(lines(&text), @r#"
        5:16 invalid-value: spec.clusterIPs: is not allowed without `clusterIP` (write `clusterIP: 10.96.0.7` too)
        7:8 required: spec.ports[0].name: is required
        7:28 forbidden: spec.ports[0].nodePort: is not allowed with `type: ClusterIP` (write `type: NodePort`, or leave it out)
        8:44 invalid-name: spec.ports[1].targetPort: a port's name has letters (write it without quotes: 8443)
        9:26 forbidden: spec.externalTrafficPolicy: is allowed only for Services that can be reached from outside (leave it out, or write `type: NodePort` or `type: LoadBalancer`)
    "#);
}
