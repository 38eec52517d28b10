//! A set that no rule has anything to say about, and for each rule the smallest change that it minds.

/// All is well here; the comments are only handles for the changes.
pub(super) const GOOD: &str = r"apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app.kubernetes.io/name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      securityContext: {runAsNonRoot: true, runAsUser: 1000}
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: web}}
      containers:
      - name: web
        image: nginx:1.27.3@sha256:09369da6b10306312cd908661320086bf87fbae1b6b0c49a1f50ba531fef2eab
        ports:
        - {name: http, containerPort: 8080}
        env:
        - {name: MODE, value: fast}
        envFrom:
        - configMapRef: {name: settings}
        resources:
          requests: {cpu: 100m, memory: 64Mi}
          limits: {memory: 128Mi}
        securityContext:
          allowPrivilegeEscalation: false
        readinessProbe:
          httpGet: {path: /ready, port: http}
        livenessProbe:
          httpGet: {path: /alive, port: http}
      volumes:
      - {name: token, secret: {secretName: token}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {GREETING: hello}
---
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
stringData: {token: abc}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/name: web-service}}
spec:
  type: ClusterIP
  selector: {app: web}  # Service
  ports:
  - {port: 80, targetPort: http}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  tls: [{hosts: [shop.example.org], secretName: token}]
  defaultBackend: {service: {name: web, port: {number: 80}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}  # NetworkPolicy
  policyTypes: [Ingress]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: web}}  # PodDisruptionBudget
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop, labels: {app.kubernetes.io/name: db}}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - name: db
        image: postgres:17.2
        resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}
        readinessProbe: {exec: {command: [pg_isready]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: db, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}
  maxReplicas: 5
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop, labels: {app.kubernetes.io/name: report}}
spec:
  schedule: '0 3 * * *'
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 300
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: report
            image: busybox:1.37
            resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {memory: 8Mi}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: shop, labels: {app.kubernetes.io/name: once}}
spec:
  ttlSecondsAfterFinished: 3600
  backoffLimit: 2
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: once
        image: busybox:1.37
        resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {memory: 8Mi}}
---
# end
";

/// A change of [`GOOD`] that exactly one rule minds.
pub(super) struct Sample {
    pub(super) rule: &'static str,
    from: &'static str,
    to: &'static str,
}

impl Sample {
    /// The whole set with the change.
    pub(super) fn text(&self) -> String {
        assert_eq!(GOOD.matches(self.from).count(), 1, "{}: {:?}", self.rule, self.from);
        GOOD.replace(self.from, self.to)
    }
}

const fn sample(rule: &'static str, from: &'static str, to: &'static str) -> Sample {
    Sample { rule, from, to }
}

pub(super) const SAMPLES: &[Sample] = &[
    sample(
        "floating-tag",
        "nginx:1.27.3@sha256:09369da6b10306312cd908661320086bf87fbae1b6b0c49a1f50ba531fef2eab",
        "nginx:latest",
    ),
    sample(
        "no-digest",
        "@sha256:09369da6b10306312cd908661320086bf87fbae1b6b0c49a1f50ba531fef2eab",
        "",
    ),
    sample("no-requests", "requests: {cpu: 100m, memory: 64Mi}", "requests: {memory: 64Mi}"),
    sample("no-memory-limit", "limits: {memory: 128Mi}", "limits: {cpu: 1}"),
    sample(
        "no-readiness-probe",
        "        readinessProbe:\n          httpGet: {path: /ready, port: http}\n",
        "",
    ),
    sample(
        "no-liveness-probe",
        "        livenessProbe:\n          httpGet: {path: /alive, port: http}\n",
        "",
    ),
    sample("equal-probes", "path: /alive", "path: /ready"),
    sample("probe-port", "{path: /alive, port: http}", "{path: /alive, port: htpp}"),
    sample(
        "no-spread",
        "      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: web}}
",
        "",
    ),
    sample("zero-replicas", "replicas: 2", "replicas: 0"),
    sample("pdb-blocks-eviction", "maxUnavailable: 1", "minAvailable: 2"),
    sample("pdb-selects-nothing", "{app: web}}  # PodDisruptionBudget", "{app: wep}}"),
    sample("hpa-target-missing", "kind: StatefulSet, name: db", "kind: StatefulSet, name: dp"),
    sample(
        "hpa-without-requests",
        "labels: {app.kubernetes.io/name: db}}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - name: db
        image: postgres:17.2
        resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}
",
        "annotations: {bowline.dev/lint-ignore: no-requests}}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - name: db
        image: postgres:17.2
        resources: {limits: {memory: 1Gi}}
",
    ),
    sample("hpa-fixed-replicas", "  serviceName: db\n", "  serviceName: db\n  replicas: 1\n"),
    sample("privileged", "allowPrivilegeEscalation: false", "privileged: true"),
    sample(
        "dangerous-capability",
        "allowPrivilegeEscalation: false",
        "capabilities: {add: [CHOWN, SYS_ADMIN]}",
    ),
    sample("runs-as-root", "{runAsNonRoot: true, runAsUser: 1000}", "{runAsUser: 0}"),
    sample("may-run-as-root", "{runAsNonRoot: true, runAsUser: 1000}", "{fsGroup: 1000}"),
    sample(
        "privilege-escalation",
        "allowPrivilegeEscalation: false",
        "readOnlyRootFilesystem: true",
    ),
    sample(
        "host-path",
        "      volumes:\n",
        "      volumes:\n      - {name: data, hostPath: {path: /srv/data}}\n",
    ),
    sample(
        "container-socket",
        "      volumes:\n",
        "      volumes:\n      - {name: engine, hostPath: {path: /run/podman/podman.sock}}\n",
    ),
    sample(
        "host-namespace",
        "      topologySpreadConstraints:\n",
        "      hostPID: true\n      topologySpreadConstraints:\n",
    ),
    sample("host-port", "containerPort: 8080}", "containerPort: 8080, hostPort: 8080}"),
    sample("secret-in-env", "{name: MODE, value: fast}", "{name: DB_PASSWORD, value: hunter2}"),
    sample("secret-in-configmap", "{GREETING: hello}", "{db-password: hunter2}"),
    sample(
        "duplicate-env",
        "- {name: MODE, value: fast}",
        "- {name: MODE, value: fast}\n        - {name: MODE, value: slow}",
    ),
    sample("service-without-pods", "{app: web}  # Service", "{app: wep}"),
    sample("service-without-endpoints", "  selector: {app: web}  # Service\n", ""),
    sample("service-target-port", "targetPort: http", "targetPort: htpp"),
    sample("node-port", "type: ClusterIP", "type: NodePort"),
    sample("ingress-without-tls", "  tls: [{hosts: [shop.example.org], secretName: token}]\n", ""),
    sample("network-policy-selects-nothing", "{app: web}}  # NetworkPolicy", "{app: wep}}"),
    sample(
        "unused-configmap",
        "# end\n",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: left, namespace: shop}}\n",
    ),
    sample(
        "unused-secret",
        "# end\n",
        "{apiVersion: v1, kind: Secret, metadata: {name: left, namespace: shop}}\n",
    ),
    sample("cron-concurrency", "  concurrencyPolicy: Forbid\n", ""),
    sample("cron-deadline", "  startingDeadlineSeconds: 300\n", ""),
    sample("job-ttl", "  ttlSecondsAfterFinished: 3600\n", ""),
    sample("job-backoff", "  backoffLimit: 2\n", ""),
    sample(
        "default-namespace",
        "# end\n",
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: build}}\n",
    ),
    sample(
        "bare-pod",
        "# end\n",
        "apiVersion: v1
kind: Pod
metadata: {name: one, namespace: shop}
spec:
  restartPolicy: Never
  containers:
  - name: one
    image: busybox:1.37
    resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {memory: 8Mi}}
",
    ),
    sample("recommended-labels", "labels: {app.kubernetes.io/name: web}", "labels: {tier: front}"),
    sample(
        "unknown-rule",
        "  labels: {app.kubernetes.io/name: web}\n",
        "  annotations: {bowline.dev/lint-ignore: 'no-spread, flaoting-tag'}\n",
    ),
];
