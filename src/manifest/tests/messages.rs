use super::*;
const HEAD: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
";
#[test]
fn all() {
    let d = |t: &str| format!("{HEAD}{t}");
    let tpl = "  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.14.2
";
    for text in [
        d(&format!("  replcas: 3\n{tpl}")),
        d(&format!("  replicas: three\n{tpl}          env:\n            - name: PORT\n              value: 8080\n")),
        d("  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
"),
        d("  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: wbe
    spec:
      containers:
        - name: web
          image: nginx
"),
        d(&format!("\treplicas: 3\n{tpl}")),
        d(&format!("   replicas: 3\n{tpl}")),
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n".into(),
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: a\n".into(),
        "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata:\n  name: a\n".into(),
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n".into(),
        "kind: ConfigMap\nmetadata:\n  name: {{ .Values.x }}\n".into(),
        "a: [1, 2\nb: 3\n".into(),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"b}\n".into(),
    ] {
        println!("{}", shown(&text));
    }
}
