//! What is applied in `placing`.

/// Pods that want to be with others, or without.
pub(super) const COMPANY: &str = r#"apiVersion: v1
kind: Namespace
metadata: {name: data, labels: {team: blue}}
---
apiVersion: v1
kind: Pod
metadata: {name: anchor, labels: {app: anchor}}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {kubernetes.io/hostname: node-3}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: store, namespace: data, labels: {app: store, tenant: red}}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {kubernetes.io/hostname: node-2}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: must-be-near, labels: {app: near}}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - {labelSelector: {matchLabels: {app: anchor}}, topologyKey: topology.kubernetes.io/zone}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: named-space}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - {labelSelector: {matchLabels: {app: store}}, topologyKey: kubernetes.io/hostname, namespaces: [data]}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: chosen-space}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - {labelSelector: {matchExpressions: [{key: app, operator: In, values: [store]}]}, topologyKey: kubernetes.io/hostname, namespaceSelector: {matchLabels: {team: blue}}}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: other-space}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - {labelSelector: {matchLabels: {app: store}}, topologyKey: kubernetes.io/hostname, namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: rather-near}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
      - {weight: 100, podAffinityTerm: {labelSelector: {matchLabels: {app: anchor}}, topologyKey: kubernetes.io/hostname}}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: same-tenant, labels: {tenant: red}}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - {labelSelector: {matchExpressions: [{key: app, operator: Exists}]}, topologyKey: kubernetes.io/hostname, namespaces: [data], matchLabelKeys: [tenant]}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: must-be-apart}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAntiAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - {labelSelector: {matchLabels: {app: anchor}}, topologyKey: topology.kubernetes.io/zone}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: rather-apart}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
      - {weight: 100, podAffinityTerm: {labelSelector: {matchLabels: {app: anchor}}, topologyKey: kubernetes.io/hostname}}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: other-tenant, labels: {tenant: green}}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    podAntiAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - {labelSelector: {matchExpressions: [{key: app, operator: Exists}]}, topologyKey: kubernetes.io/hostname, namespaces: [data], mismatchLabelKeys: [tenant]}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
"#;

/// Pods that are to be spread.
pub(super) const SPREAD: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: even}
spec:
  replicas: 4
  selector: {matchLabels: {app: even}}
  template:
    metadata: {labels: {app: even}}
    spec:
      terminationGracePeriodSeconds: 0
      topologySpreadConstraints:
      - {labelSelector: {matchLabels: {app: even}}, maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [pod-template-hash]}
      containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: rather}
spec:
  replicas: 3
  selector: {matchLabels: {app: rather}}
  template:
    metadata: {labels: {app: rather}}
    spec:
      terminationGracePeriodSeconds: 0
      topologySpreadConstraints:
      - {labelSelector: {matchLabels: {app: rather}}, maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, nodeTaintsPolicy: Honor}
      containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: domains}
spec:
  replicas: 3
  selector: {matchLabels: {app: domains}}
  template:
    metadata: {labels: {app: domains}}
    spec:
      terminationGracePeriodSeconds: 0
      topologySpreadConstraints:
      - {labelSelector: {matchLabels: {app: domains}}, maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, minDomains: 3}
      containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: honest}
spec:
  replicas: 3
  selector: {matchLabels: {app: honest}}
  template:
    metadata: {labels: {app: honest}}
    spec:
      terminationGracePeriodSeconds: 0
      topologySpreadConstraints:
      - {labelSelector: {matchLabels: {app: honest}}, maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, nodeAffinityPolicy: Honor}
      nodeSelector: {topology.kubernetes.io/zone: b}
      containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: strict}
spec:
  replicas: 3
  selector: {matchLabels: {app: strict}}
  template:
    metadata: {labels: {app: strict}}
    spec:
      terminationGracePeriodSeconds: 0
      topologySpreadConstraints:
      - {labelSelector: {matchLabels: {app: strict}}, maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, nodeAffinityPolicy: Ignore}
      nodeSelector: {topology.kubernetes.io/zone: b}
      containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
"#;

/// Pods that are alone on their hosts, one more than there are hosts, and one whom they mind.
pub(super) const APART: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: lonely}
spec:
  replicas: 4
  selector: {matchLabels: {app: lonely}}
  template:
    metadata: {labels: {app: lonely}}
    spec:
      terminationGracePeriodSeconds: 0
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {labelSelector: {matchLabels: {app: lonely}}, topologyKey: kubernetes.io/hostname}
      containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: visitor, labels: {app: lonely, of: nobody}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
"#;

/// Pods that like a host, and bear a taint for a short and for a long time.
pub(super) const BEARING: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: brief}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    nodeAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
      - {weight: 100, preference: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-2]}]}}
  tolerations: [{key: example.org/evict, operator: Exists, effect: NoExecute, tolerationSeconds: 15}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: v1
kind: Pod
metadata: {name: long}
spec:
  terminationGracePeriodSeconds: 0
  affinity:
    nodeAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
      - {weight: 100, preference: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-2]}]}}
  tolerations: [{key: example.org/evict, operator: Exists, effect: NoExecute, tolerationSeconds: 3600}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
"#;

/// Classes; pods that fill every host, one of them the least important; one that pushes, and one that does not.
pub(super) const PRIORITIES: [&str; 4] = [
    "apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: usual}
value: 7
description: for a look
globalDefault: true
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: least}
value: 1
description: for a look
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
description: for a look
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: meek}
value: 2000
description: for a look
preemptionPolicy: Never
",
    r#"apiVersion: v1
kind: Pod
metadata: {name: low-1}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {kubernetes.io/hostname: node-1}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 1500m}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: low-2}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {kubernetes.io/hostname: node-2}
  priorityClassName: least
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 1500m}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: low-3}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {kubernetes.io/hostname: node-3}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 1500m}}}]
"#,
    r#"apiVersion: v1
kind: Pod
metadata: {name: high}
spec:
  terminationGracePeriodSeconds: 0
  priorityClassName: high
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 1500m}}}]
"#,
    r#"apiVersion: v1
kind: Pod
metadata: {name: meek}
spec:
  terminationGracePeriodSeconds: 0
  priorityClassName: meek
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 1500m}}}]
"#,
];

/// Quotas, one for all and one for each of two Deployments that want more.
pub(super) const BOUNDED: &str = r#"apiVersion: v1
kind: Namespace
metadata: {name: bounded}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: all, namespace: bounded}
spec: {hard: {pods: 9, count/services: 1}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: idle, namespace: bounded}
spec: {hard: {pods: 1}, scopes: [BestEffort]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: busy, namespace: bounded}
spec:
  hard: {requests.cpu: 250m}
  scopeSelector: {matchExpressions: [{scopeName: NotBestEffort, operator: Exists}]}
---
apiVersion: v1
kind: Service
metadata: {name: one, namespace: bounded}
spec: {selector: {app: idle}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: idle, namespace: bounded}
spec:
  replicas: 2
  selector: {matchLabels: {app: idle}}
  template:
    metadata: {labels: {app: idle}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: "busybox:1.36", command: [sleep, inf]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: busy, namespace: bounded}
spec:
  replicas: 3
  selector: {matchLabels: {app: busy}}
  template:
    metadata: {labels: {app: busy}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 100m}}}]
"#;

/// A pod that fills a host a little, and pods that go to it or not.
pub(super) const PROFILES: [&str; 2] = [
    r#"apiVersion: v1
kind: Pod
metadata: {name: full}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {kubernetes.io/hostname: node-2}
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 300m, memory: 64Mi}}}]
"#,
    r#"apiVersion: v1
kind: Pod
metadata: {name: packed}
spec:
  terminationGracePeriodSeconds: 0
  schedulerName: binpack
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 10m, memory: 8Mi}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: plain}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 10m, memory: 8Mi}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: of-nobody}
spec:
  terminationGracePeriodSeconds: 0
  schedulerName: batch
  containers: [{name: main, image: "busybox:1.36", command: [sleep, inf], resources: {requests: {cpu: 10m, memory: 8Mi}}}]
"#,
];
