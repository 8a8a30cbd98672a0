/// What the entries of one list of bindings look like.
struct BindingShape: Sendable {
    /// `object` is a table or a list, as in JavaScript; `anything` is only known by name.
    enum FieldType: String, Sendable { case string, number, boolean, object, anything }

    struct Field: Sendable {
        let key: String
        let type: FieldType
        var isRequired = false
        var mayBeEmpty = true
    }

    /// The key of the list: `kv_namespaces`.
    let key: String
    /// The key that holds the name under which the Worker sees the binding.
    let nameKey: String
    let fields: [Field]
    /// Some lists take any further key without a word.
    let reportsUnknownKeys: Bool

    /// `spec` is a line like `id! preview_id remote:boolean`: names with `!` for required, `+` for not empty, and a
    /// type where it is not a string.
    init(_ key: String, name nameKey: String = "binding", _ spec: String, reportsUnknownKeys: Bool = true) {
        self.key = key
        self.nameKey = nameKey
        self.reportsUnknownKeys = reportsUnknownKeys
        var fields = [Field(key: nameKey, type: .string, isRequired: true)]
        for word in spec.split(separator: " ") {
            let parts = word.split(separator: ":")
            var name = parts[0]
            let isRequired = name.hasSuffix("!")
            let mayBeEmpty = !name.hasSuffix("+")
            if isRequired || !mayBeEmpty { name.removeLast() }
            let type = parts.count > 1 ? FieldType(rawValue: String(parts[1])) : nil
            let field = Field(key: String(name), type: type ?? .string, isRequired: isRequired, mayBeEmpty: mayBeEmpty)
            fields.append(field)
        }
        self.fields = fields
    }

    static let kvNamespaces = BindingShape("kv_namespaces", "id+ preview_id remote:boolean")
    static let r2Buckets = BindingShape(
        "r2_buckets", "bucket_name+ preview_bucket_name jurisdiction remote:boolean local_dev:object")
    static let rateLimits = BindingShape("ratelimits", name: "name", "namespace_id! simple!:object")
    static let producers = BindingShape("producers", "queue+ delivery_delay:number remote:boolean")

    /// All lists at the top level of the file.
    static let all: [BindingShape] = {
        var shapes = [kvNamespaces, r2Buckets, rateLimits]
        let d1 = "database_id database_name preview_database_id migrations_dir migrations_table migrations_pattern"
        shapes.append(BindingShape("d1_databases", d1 + " database_internal_env remote:boolean"))
        shapes.append(
            BindingShape("services", "service! entrypoint environment remote:boolean", reportsUnknownKeys: false))
        shapes.append(BindingShape("hyperdrive", "id! localConnectionString"))
        shapes.append(BindingShape("vectorize", "index_name! remote:boolean"))
        let workflow = "name! class_name! script_name limits:object concurrency:object"
        shapes.append(BindingShape("workflows", workflow + " default_retention:object schedules:anything"))
        let mail = "binding destination_address allowed_destination_addresses:object allowed_sender_addresses:object"
        shapes.append(BindingShape("send_email", name: "name", mail + " remote:boolean"))
        shapes.append(BindingShape("analytics_engine_datasets", "dataset+"))
        shapes.append(
            BindingShape("dispatch_namespaces", "namespace outbound:object remote:boolean", reportsUnknownKeys: false))
        shapes.append(BindingShape("mtls_certificates", "certificate_id! remote:boolean"))
        shapes.append(BindingShape("pipelines", "stream pipeline remote:boolean"))
        shapes.append(BindingShape("secrets_store_secrets", "store_id! secret_name!"))
        shapes.append(BindingShape("worker_loaders", ""))
        shapes.append(BindingShape("vpc_services", "service_id! remote:boolean"))
        shapes.append(BindingShape("vpc_networks", "tunnel_id network_id remote:boolean"))
        shapes.append(BindingShape("flagship", "app_id remote:boolean"))
        shapes.append(BindingShape("artifacts", "namespace! remote:boolean"))
        shapes.append(BindingShape("ai_search", "instance_name! remote:boolean"))
        shapes.append(BindingShape("ai_search_namespaces", "namespace! remote:boolean"))
        shapes.append(BindingShape("agent_memory", "namespace! remote:boolean"))
        shapes.append(BindingShape("unsafe_hello_world", "enable_timer:boolean"))
        return shapes
    }()
}
