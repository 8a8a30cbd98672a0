/// One name under which the Worker sees something.
struct BoundName {
    /// The kind as people call it: `KV Namespace`.
    let kind: String
    let name: String
    let path: [TOMLKey]
}

extension ConfigChecker {
    /// The kinds in the order in which clashes name them.
    private static let kinds: [(key: String, kind: String)] = [
        ("data_blobs", "Data Blob"), ("durable_objects", "Durable Object"), ("kv_namespaces", "KV Namespace"),
        ("send_email", "Send Email"), ("queues", "Queue"), ("d1_databases", "D1 Database"),
        ("vectorize", "Vectorize Index"), ("ai_search_namespaces", "AI Search Namespace"),
        ("ai_search", "AI Search Instance"), ("websearch", "Web Search"), ("agent_memory", "Agent Memory"),
        ("hyperdrive", "Hyperdrive Config"), ("r2_buckets", "R2 Bucket"), ("services", "Worker"),
        ("analytics_engine_datasets", "Analytics Engine Dataset"), ("text_blobs", "Text Blob"),
        ("browser", "Browser Run"), ("ai", "AI"), ("images", "Images"), ("stream", "Stream"), ("media", "Media"),
        ("version_metadata", "Worker Version Metadata"), ("vars", "Environment Variable"),
        ("wasm_modules", "Wasm Module"), ("dispatch_namespaces", "Dispatch Namespace"),
        ("mtls_certificates", "mTLS Certificate"), ("workflows", "Workflow"), ("pipelines", "Pipeline"),
        ("secrets_store_secrets", "Secrets Store Secret"), ("artifacts", "Artifacts"), ("ratelimits", "Rate Limit"),
        ("assets", "Assets"), ("unsafe_hello_world", "Hello World"), ("flagship", "Flagship"),
        ("worker_loaders", "Worker Loader"), ("vpc_services", "VPC Service"), ("vpc_networks", "VPC Network"),
    ]

    /// Names must be unique over all kinds, or one would hide the other.
    mutating func checkUniqueNames(_ level: Level) {
        var byName: [String: [BoundName]] = [:]
        for bound in Self.boundNames(level) { byName[bound.name, default: []].append(bound) }
        var isClash = false
        for (name, uses) in byName.sorted(by: { $0.key < $1.key }) where uses.count > 1 {
            isClash = true
            var kinds: [String] = []
            var repeated: [String] = []
            for use in uses {
                if !kinds.contains(use.kind) {
                    kinds.append(use.kind)
                } else if !repeated.contains(use.kind) {
                    repeated.append(use.kind)
                }
            }
            let place = uses[uses.count - 1].path
            if kinds.count > 1 {
                report(
                    .bindingNameClash, at: place, ["name": .text(name), "types": .list(kinds)],
                    "\(name) is the name of more than one thing: \(kinds.joined(separator: ", ")).")
            }
            for kind in repeated {
                report(
                    .duplicateBinding, at: place, ["name": .text(name), "type": .text(kind)],
                    "\(name) is the name of more than one \(kind).")
            }
        }
        if isClash {
            report(
                .bindingsNotUnique, at: [], [:],
                "Names of bindings, variables and secrets must differ, so that the Worker can tell them apart.")
        }
    }

    /// Everything that the Worker of this level sees by a name.
    static func boundNames(_ level: Level) -> [BoundName] {
        var result: [BoundName] = []
        for (key, kind) in kinds {
            for (name, path) in names(of: key, level.effective(key)) {
                result.append(BoundName(kind: kind, name: name, path: path))
            }
        }
        for secret in level.effective("secrets")["required"].elements {
            guard let name = secret.node?.string else { continue }
            result.append(BoundName(kind: "Secret", name: name, path: secret.path))
        }
        return result
    }

    private static func names(of key: String, _ field: Field) -> [(String, [TOMLKey])] {
        switch KeyTable.byName[key]?.check {
        case .special(.vars), .special(.stringTable):
            return field.keys.sorted().map { ($0, field[$0].path) }
        case .special(.durableObjects): return entries(field["bindings"], key: "name")
        case .special(.queues): return entries(field["producers"], key: "binding")
        case .bindings(let shape): return entries(field, key: shape.nameKey)
        default:
            // A single table: assets, ai, browser …
            guard let name = field.node?["binding"]?.string else { return [] }
            return [(name, field["binding"].path)]
        }
    }

    private static func entries(_ list: Field, key: String) -> [(String, [TOMLKey])] {
        list.elements.compactMap { entry in entry.node?[key]?.string.map { ($0, entry[key].path) } }
    }
}
