/// A value in the file together with its name and its place.
///
/// `name` is what problems call it (`kv_namespaces[0]`, with `env.stage.` before it where Cloudflare has that too);
/// `path` is where it stands. The two differ because a problem of an environment may use the short name.
struct Field {
    var name: String
    var path: [TOMLKey]
    var node: TOMLNode?

    subscript(key: String) -> Field {
        Field(name: name.isEmpty ? key : "\(name).\(key)", path: path + [.key(key)], node: node?[key])
    }

    /// The elements of a list; of anything else there are none.
    var elements: [Field] {
        guard let array = node?.array else { return [] }
        return array.enumerated().map { index, element in
            Field(name: "\(name)[\(index)]", path: path + [.index(index)], node: element)
        }
    }

    var keys: [String] { node?.table.map { Array($0.keys) } ?? [] }

    func named(_ name: String) -> Field { Field(name: name, path: path, node: node) }
}

/// The part of the file that one round of checks looks at: the top level, or one environment.
struct Level {
    /// `nil` at the top level.
    var environment: String?
    var root: Field
    /// The raw top level, when this is an environment.
    var top: Field?

    /// The value as written here.
    func written(_ key: String) -> Field {
        var field = root[key]
        field.name = key
        return field
    }

    /// The same, with the name that says in which environment it stands.
    func qualified(_ key: String) -> Field {
        let field = written(key)
        guard let environment else { return field }
        return field.named("env.\(environment).\(key)")
    }

    /// The value that counts here: an environment takes what it may inherit from the top level.
    func effective(_ key: String) -> Field {
        let own = written(key)
        guard own.node == nil, let top, KeyTable.byName[key]?.inheritance != .notInherited else { return own }
        return top[key]
    }
}
