//! Manifests of one line, for tests.

/// A Deployment `web` of nginx.
pub(crate) fn web(replicas: usize, tag: &str) -> String {
    deployment("web", replicas, &format!("nginx:{tag}"), "{}")
}

/// A Deployment whose pods ask for this much CPU.
pub(crate) fn asking(name: &str, replicas: usize, cpu: &str) -> String {
    deployment(name, replicas, "busybox:1.36", &format!("{{requests: {{cpu: {cpu}}}}}"))
}

fn deployment(name: &str, replicas: usize, image: &str, resources: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
      - name: main
        image: {image}
        ports: [{{containerPort: 80}}]
        resources: {resources}
---
"
    )
}

/// A Service on port 80 for the pods of the Deployment of this name.
pub(crate) fn service(name: &str) -> String {
    format!(
        "apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80}}]
---
"
    )
}

/// A Deployment `web` whose pods give way to the next revision at this pace.
pub(crate) fn rolling(replicas: usize, tag: &str, surge: usize, unavailable: usize) -> String {
    let strategy = format!("rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}");
    web(replicas, tag).replace("  template:", &format!("  strategy:\n    {strategy}\n  template:"))
}
