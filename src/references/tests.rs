use insta::assert_snapshot;

use super::*;
use crate::document::Source;
use crate::inventory::{Home, parse};
use crate::manifest::{ReadOptions, read};

/// One line for each finding about references among these manifests.
fn lines(text: &str) -> String {
    let reading = read(&[Source::new("all.yaml", text)], &ReadOptions::default());
    assert!(!reading.has_errors(), "{:?}", reading.findings);
    let inventory = Source::new("inventory.yaml", "fleet: f\nhosts: {a: {address: 192.0.2.1}}\n");
    let inventory = parse(&inventory, &Home { inventory: "/fleet".into(), user: None }).unwrap();
    let findings = check_references(&reading.objects, &Desired::default(), Some(&inventory));
    let line = |finding: &Finding| {
        let (line, column) = finding.source.position(finding.span.start);
        let help = finding.help.as_deref().unwrap_or_default();
        let Finding { severity, code, path, .. } = finding;
        format!("{line}:{column} {severity} {code} at {path}: {finding} ({help})\n")
    };
    findings.iter().map(line).collect()
}

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  serviceAccountName: builder
  priorityClassName: hihg
  runtimeClassName: gvisor
  imagePullSecrets: [{name: registry}]
  containers:
    - name: c
      image: nginx:1
      env:
        - {name: A, valueFrom: {configMapKeyRef: {name: settings, key: prot}}}
        - {name: B, valueFrom: {secretKeyRef: {name: token, key: value}}}
        - {name: C, valueFrom: {secretKeyRef: {name: token, key: other}}}
        - {name: D, valueFrom: {secretKeyRef: {name: maybe, key: x, optional: true}}}
      envFrom: [{configMapRef: {name: absent}}, {secretRef: {name: token}}]
  volumes:
    - {name: a, secret: {secretName: tls, items: [{key: tls.crt, path: a}, {key: ca.crt, path: b}]}}
    - {name: b, persistentVolumeClaim: {claimName: data}}
    - {name: c, projected: {sources: [{configMap: {name: gone}}, {secret: {name: absent}}]}}
    - {name: d, configMap: {name: none, optional: true}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {port: \"80\"}
---
apiVersion: v1
kind: Secret
metadata: {name: tls}
stringData: {tls.crt: a, tls.key: b}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 5
";

#[test]
fn what_a_pod_needs() {
    assert_snapshot!(lines(POD), @r#"
        5:23 error serviceaccount-missing at spec.serviceAccountName: serviceaccount "builder" not found (no pod is made without it; add a manifest: {apiVersion: v1, kind: ServiceAccount, metadata: {name: builder}})
        6:22 error priorityclass-missing at spec.priorityClassName: priorityclass "hihg" not found (did you mean `high`?)
        7:21 error runtimeclass-missing at spec.runtimeClassName: runtimeclass "gvisor" not found (no pod is made without it; add a manifest: {apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: gvisor}, handler: runc})
        8:29 warning secret-missing at spec.imagePullSecrets[0].name: secret "registry" not found (images are pulled without it until it is there)
        13:72 warning configmap-key-missing at spec.containers[0].env[0].valueFrom.configMapKeyRef.key: couldn't find key prot in ConfigMap default/settings (did you mean `port`?)
        14:54 warning secret-missing at spec.containers[0].env[1].valueFrom.secretKeyRef.name: secret "token" not found (its pods wait until the Secret is there)
        17:39 warning configmap-missing at spec.containers[0].envFrom[0].configMapRef.name: configmap "absent" not found (its pods wait until the ConfigMap is there)
        19:82 warning secret-key-missing at spec.volumes[0].secret.items[1].key: couldn't find key ca.crt in Secret default/tls (its keys are tls.crt, tls.key)
        20:52 warning claim-missing at spec.volumes[1].persistentVolumeClaim.claimName: persistentvolumeclaim "data" not found (its pods wait until the PersistentVolumeClaim is there)
        21:58 warning configmap-missing at spec.volumes[2].projected.sources[0].configMap.name: configmap "gone" not found (its pods wait until the ConfigMap is there)
        21:82 warning secret-missing at spec.volumes[2].projected.sources[1].secret.name: secret "absent" not found (its pods wait until the Secret is there)
    "#);
}

#[test]
fn what_a_template_needs_is_no_error() {
    let deployment = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: builder
      priorityClassName: system-node-critical
      containers: [{name: c, image: nginx:1, ports: [{containerPort: 80, name: http}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, name: a, targetPort: htpt}, {port: 81, name: b, targetPort: http}, {port: 82, name: c, targetPort: 99}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: nginx
  tls: [{hosts: [a.b], secretName: cert}]
  defaultBackend: {service: {name: wbe, port: {number: 80}}}
  rules:
    - http:
        paths:
          - {pathType: Prefix, path: /a, backend: {service: {name: web, port: {name: a}}}}
          - {pathType: Prefix, path: /b, backend: {service: {name: web, port: {number: 83}}}}
          - {pathType: Prefix, path: /c, backend: {service: {name: wbe, port: {number: 80}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: wbe}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: own}
spec: {storageClassName: bowline.local, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: lost, namespace: nowhere}
";
    assert_snapshot!(lines(deployment), @r#"
        9:27 warning serviceaccount-missing at spec.template.spec.serviceAccountName: serviceaccount "builder" not found (no pod is made without it; add a manifest: {apiVersion: v1, kind: ServiceAccount, metadata: {name: builder}})
        18:43 warning service-target-port at spec.ports[0].targetPort: no pod that this Service selects has a port "htpt" (did you mean `http`?)
        24:21 warning ingressclass-missing at spec.ingressClassName: ingressclass "nginx" not found (nobody takes this Ingress until the class is there)
        25:36 warning secret-missing at spec.tls[0].secretName: secret "cert" not found (its hosts are served without a certificate of their own until then)
        26:36 warning service-missing at spec.defaultBackend.service.name: service "wbe" not found (did you mean `web`?)
        31:88 warning service-port-missing at spec.rules[0].http.paths[1].backend.service.port.number: service "web" has no port 83 (its ports are 80 (a), 81 (b), 82 (c))
        37:86 warning hpa-target-missing at spec.scaleTargetRef.name: deployment "wbe" not found (did you mean `web`?)
        42:26 warning storageclass-missing at spec.storageClassName: storageclass "fast" not found (for the hosts' own disks write `storageClassName: bowline.local`, or leave it out; else the claim waits)
        51:35 error namespace-missing at metadata.namespace: namespaces "nowhere" not found (add a manifest: {apiVersion: v1, kind: Namespace, metadata: {name: nowhere}})
    "#);
}

#[test]
fn there_is_an_end_to_what_is_missing() {
    let secrets = |at: usize| format!("{{name: s{at}}}");
    let secrets = (0..2 * MAX_OF_A_RUN).map(secrets).collect::<Vec<_>>().join(", ");
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: nowhere}}\nspec:\n  containers: [{{name: c, image: 'c:1'}}]\n  imagePullSecrets: [{secrets}]\n"
    );
    let found = lines(&pod);
    assert_eq!(found.matches(" warning secret-missing ").count(), MAX_OF_A_RUN);
    assert_eq!(found.matches(" error namespace-missing ").count(), 1);
    assert_eq!(listed(&["a"; 14]), format!("{}a and 2 more", "a, ".repeat(11)));
}

#[test]
fn a_pod_says_of_preemption_what_its_class_says() {
    let text = "apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 5
---
apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  priorityClassName: high
  preemptionPolicy: Never
  containers: [{name: c, image: nginx:1}]
";
    assert_snapshot!(lines(text), @"11:21 error invalid-value at spec.preemptionPolicy: the preemptionPolicy is Never, and its class gives PreemptLowerPriority (leave it out: it is filled in when the pod is made)");
}

#[test]
fn limits_and_quotas_of_the_namespace() {
    let text = "apiVersion: v1
kind: LimitRange
metadata: {name: limits}
spec:
  limits:
    - {type: Container, max: {cpu: 2}}
    - {type: PersistentVolumeClaim, max: {storage: 1Gi}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q}
spec: {hard: {services: 1, limits.memory: 1Gi}}
---
apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  containers:
    - name: c
      image: nginx:1
      resources: {limits: {cpu: 3, memory: 1Gi}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: c, image: nginx:1, resources: {limits: {cpu: 1}}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: b}
spec: {selector: {app: web}, ports: [{port: 80}]}
";
    assert_snapshot!(lines(text), @r#"
    21:33 error limit-range at spec.containers[0].resources.limits.cpu: pods "one" is forbidden: maximum cpu usage per Container is 2, but limit is 3 ()
    31:21 warning quota-unsaid at spec.template.spec.containers: pods of Deployment web are forbidden: failed quota: q: must specify limits.memory for: c ()
    36:70 error limit-range at spec.resources.requests.storage: persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi ()
    45:18 error quota-exceeded at metadata.name: services "b" is forbidden: exceeded quota: q, requested: services=1, used: services=1, limited: services=1 ()
    "#);
}
