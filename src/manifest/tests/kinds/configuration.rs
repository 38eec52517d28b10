use super::*;

#[test]
fn secrets() {
    table(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: one}\n",
        &[
            ("data: {a: YQ==}\nstringData: {b: c}", ""),
            ("data:\n  a: |\n    YWJj\n    ZGVm", ""),
            (
                "type: kubernetes.io/tls\ndata: {tls.crt: \"<crt>\", tls.key: \"\"}",
                "not-base64 data[tls.crt]",
            ),
            ("data: {a: not base64}", "not-base64 data.a"),
            ("stringData: {a/b: c}", "invalid-key stringData[a/b]"),
            ("type: example.com/mine\nstringData: {a: b}", ""),
            ("type: kubernetes.io/tls\nstringData: {tls.crt: c}", "required data"),
            ("type: kubernetes.io/tls\nstringData: {tls.crt: c}\ndata: {tls.key: \"\"}", ""),
            ("type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: \"{}\"}", ""),
            ("type: kubernetes.io/dockerconfigjson\ndata: {.dockercfg: e30=}", "required data"),
            (
                "type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: \"{hunter2\"}",
                "invalid-value stringData[.dockerconfigjson]",
            ),
            ("type: kubernetes.io/dockercfg\ndata: {.dockercfg: e30=}", ""),
            ("type: kubernetes.io/basic-auth\nstringData: {password: p}", ""),
            ("type: kubernetes.io/basic-auth", "required data"),
            ("type: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: \"\"}", "required data"),
            ("type: kubernetes.io/service-account-token", "required metadata.annotations"),
        ],
    );
}

#[test]
fn what_a_secret_holds_is_not_repeated() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: one}\ntype: kubernetes.io/dockercfg\nstringData: {.dockercfg: hunter2}\n";
    assert!(!lines(text).contains("hunter2"), "{}", lines(text));
}

#[test]
fn sizes() {
    let map = |bytes: usize| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: big}}\ndata: {{a-long-key: \"{}\"}}\n",
            "x".repeat(bytes)
        )
    };
    assert_eq!(errors(&map(1 << 20)), "", "keys do not count");
    assert_eq!(errors(&map((1 << 20) + 1)), "too-large data");
}

#[test]
fn events() {
    table(
        "apiVersion: v1\nkind: Event\nmetadata: {name: a.17, namespace: default}\n",
        &[
            ("involvedObject: {kind: Pod, name: a, namespace: default}", ""),
            (
                "involvedObject: {kind: Pod, name: a, namespace: other}",
                "invalid-value involvedObject.namespace",
            ),
            (
                "involvedObject: {namespace: default}\neventTime: \"2026-01-01T00:00:00.000000Z\"\nreportingComponent: a\nreportingInstance: b\naction: c",
                "required reason",
            ),
        ],
    );
}
