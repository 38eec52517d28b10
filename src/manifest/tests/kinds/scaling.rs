use super::*;

const AUTOSCALER: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  ";

#[test]
fn autoscalers() {
    table(
        AUTOSCALER,
        &[("maxReplicas: 5", ""), ("minReplicas: 1", "out-of-range spec.maxReplicas")],
    );
    table(
        &format!("{AUTOSCALER}maxReplicas: 5\n  "),
        &[
            ("minReplicas: 6", "out-of-range spec.maxReplicas"),
            ("minReplicas: 0", "out-of-range spec.minReplicas"),
            (
                "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]",
                "",
            ),
            (
                "metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 500Mi}}}]",
                "",
            ),
            (
                "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization}}}]",
                "required spec.metrics[0].resource.target",
            ),
            ("metrics: [{type: Resource}]", "required spec.metrics[0].resource"),
            (
                "metrics: [{type: Pods, resource: {name: cpu, target: {type: Utilization, averageUtilization: 5}}}]",
                "required spec.metrics[0].pods, forbidden spec.metrics[0].resource",
            ),
            ("metrics: [{type: CPU}]", "invalid-value spec.metrics[0].type"),
            (
                "metrics: [{type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 0}}}]",
                "out-of-range spec.metrics[0].pods.target.averageValue",
            ),
            (
                "metrics: [{type: External, external: {metric: {name: q}, target: {type: Value, value: 30, averageValue: 3}}}]",
                "forbidden spec.metrics[0].external.target.averageValue",
            ),
            (
                "metrics: [{type: Object, object: {metric: {name: q}, describedObject: {kind: Ingress, name: a}, target: {type: Value, value: 10k}}}]",
                "",
            ),
            (
                "behavior: {scaleDown: {stabilizationWindowSeconds: 300, policies: [{type: Percent, value: 10, periodSeconds: 60}]}}",
                "",
            ),
            (
                "behavior: {scaleDown: {stabilizationWindowSeconds: 3601, policies: []}}",
                "out-of-range spec.behavior.scaleDown.stabilizationWindowSeconds, required spec.behavior.scaleDown.policies",
            ),
            (
                "behavior: {scaleUp: {selectPolicy: Least, policies: [{type: Pods, value: 0, periodSeconds: 1801}]}}",
                "invalid-value spec.behavior.scaleUp.selectPolicy, out-of-range spec.behavior.scaleUp.policies[0].value, out-of-range spec.behavior.scaleUp.policies[0].periodSeconds",
            ),
        ],
    );
}

#[test]
fn budgets() {
    table(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: Web_1}\nspec: ",
        &[
            ("{minAvailable: 1, selector: {matchLabels: {app: web}}}", ""),
            ("{maxUnavailable: 50%, selector: {}}", ""),
            ("{minAvailable: 1, maxUnavailable: 1}", "invalid-value spec.maxUnavailable"),
            ("{minAvailable: 101%}", "invalid-value spec.minAvailable"),
            ("{minAvailable: -1}", "invalid-value spec.minAvailable"),
            ("{minAvailable: half}", "invalid-value spec.minAvailable"),
            (
                "{minAvailable: 1, unhealthyPodEvictionPolicy: Always}",
                "invalid-value spec.unhealthyPodEvictionPolicy",
            ),
        ],
    );
}

#[test]
fn priorities_and_runtimes() {
    table(
        "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\n",
        &[
            ("metadata: {name: high}\nvalue: 1000000000", ""),
            ("metadata: {name: high}\nvalue: 1000000001", "out-of-range value"),
            ("metadata: {name: system-mine}\nvalue: 1", "forbidden metadata.name"),
            ("metadata: {name: system-node-critical}\nvalue: 2000001000", ""),
            (
                "metadata: {name: high}\nvalue: 1\npreemptionPolicy: Always",
                "invalid-value preemptionPolicy",
            ),
        ],
    );
    table(
        "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: gvisor}\n",
        &[
            ("handler: runsc", ""),
            ("handler: \"\"", "required handler"),
            ("handler: run_sc", "invalid-name handler"),
            (
                "handler: runsc\noverhead: {podFixed: {memory: 64Mb}}",
                "invalid-quantity overhead.podFixed.memory",
            ),
        ],
    );
}

#[test]
fn quotas() {
    table(
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: all}\nspec: ",
        &[
            ("{hard: {cpu: \"10\", requests.memory: 1Gi, pods: 5, count/deployments.apps: 3}}", ""),
            (
                "{hard: {requests.nvidia.com/gpu: 4, gold.storageclass.storage.k8s.io/requests.storage: 5Gi}}",
                "",
            ),
            ("{hard: {deployments: 3}}", "invalid-value spec.hard.deployments"),
            ("{hard: {cpu: -1}}", "out-of-range spec.hard.cpu"),
            ("{hard: {pods: 1500m}}", "invalid-quantity spec.hard.pods"),
            ("{hard: {pods: 1}, scopes: [BestEffort]}", ""),
            ("{hard: {cpu: 1}, scopes: [BestEffort]}", "invalid-value spec.scopes[0]"),
            (
                "{hard: {pods: 1}, scopes: [Terminating, NotTerminating]}",
                "invalid-value spec.scopes[1]",
            ),
            ("{hard: {pods: 1}, scopes: [Best]}", "invalid-value spec.scopes[0]"),
            (
                "{hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}}",
                "",
            ),
            (
                "{hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In}]}}",
                "required spec.scopeSelector.matchExpressions[0].values",
            ),
            (
                "{hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: Terminating, operator: In, values: [x]}]}}",
                "invalid-value spec.scopeSelector.matchExpressions[0].operator",
            ),
        ],
    );
}

#[test]
fn limit_ranges() {
    table(
        "apiVersion: v1\nkind: LimitRange\nmetadata: {name: all}\nspec: ",
        &[
            (
                "{limits: [{type: Container, max: {cpu: 2}, min: {cpu: 100m}, default: {cpu: 500m}}]}",
                "",
            ),
            (
                "{limits: [{type: Container, max: {cpu: 1}, min: {cpu: 2}}]}",
                "out-of-range spec.limits[0].min.cpu",
            ),
            (
                "{limits: [{type: Container, default: {memory: 1Gi}, defaultRequest: {memory: 2Gi}}]}",
                "out-of-range spec.limits[0].defaultRequest.memory",
            ),
            ("{limits: [{type: Pod, default: {cpu: 1}}]}", "forbidden spec.limits[0].default"),
            ("{limits: [{type: Pod, max: {cores: 1}}]}", "invalid-value spec.limits[0].max.cores"),
            ("{limits: [{type: PersistentVolumeClaim, max: {storage: 1Gi}}]}", ""),
            ("{limits: [{type: PersistentVolumeClaim}]}", "required spec.limits[0]"),
            ("{limits: [{type: Node}]}", "invalid-value spec.limits[0].type"),
            ("{limits: [{type: Pod}, {type: Pod}]}", "duplicate-name spec.limits[1].type"),
            (
                "{limits: [{type: Pod, min: {cpu: 1}, max: {cpu: 2}, maxLimitRequestRatio: {cpu: 3}}]}",
                "out-of-range spec.limits[0].maxLimitRequestRatio.cpu",
            ),
            (
                "{limits: [{type: Pod, maxLimitRequestRatio: {cpu: 500m}}]}",
                "out-of-range spec.limits[0].maxLimitRequestRatio.cpu",
            ),
        ],
    );
}
