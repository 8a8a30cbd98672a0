extension HeaderRules {
    /// Applies every matching rule to the headers of an answer, in the order of the file.
    ///
    /// `path` is the raw path of the request, `host` the request's host in lower case without its port. Within a rule
    /// the removals come first. The first rule to set a name replaces what the answer had; later ones add a value.
    /// Which names were set is remembered even when a rule between removes them.
    public func apply(to headers: inout [HeaderField], path: String, host: String) {
        guard !compiled.isEmpty else { return }
        var names: [String] = []
        let exact = exact.isEmpty ? nil : exact[path]
        guard !patterned.isEmpty else {
            if let exact { apply(compiled[exact], to: &headers, &names) { $0 } }
            return
        }
        forEachMatch(path: path, host: host, exact: exact) { rule, fill in
            apply(rule, to: &headers, &names, fill)
        }
    }

    /// The rules that apply to a request, in order: for showing why an answer has the headers it has.
    public func matches(path: String, host: String) -> [HeaderRule] {
        var matches: [HeaderRule] = []
        forEachMatch(path: path, host: host, exact: exact[path]) { rule, _ in matches.append(rule.rule) }
        return matches
    }

    private func forEachMatch(
        path: String, host: String, exact: Int?, _ body: (Compiled, _ fill: (String) -> String) -> Void
    ) {
        var exact = exact
        // Host rules are compared with `https://` whatever the request's scheme was.
        var withHost: String?
        for position in patterned {
            if let earlier = exact, earlier < position {
                body(compiled[earlier]) { $0 }
                exact = nil
            }
            let rule = compiled[position]
            var subject = path
            if rule.isHostBound {
                subject = withHost ?? ("https://" + host + path)
                withHost = subject
            }
            subject.withBytes { bytes in
                guard rule.fillsAny else {
                    if rule.pattern.matches(bytes) { body(rule) { $0 } }
                    return
                }
                guard let ranges = rule.pattern.match(bytes) else { return }
                body(rule) { rule.pattern.filled($0, from: bytes, ranges) }
            }
        }
        if let exact { body(compiled[exact]) { $0 } }
    }

    private func apply(
        _ rule: Compiled, to headers: inout [HeaderField], _ names: inout [String], _ fill: (String) -> String
    ) {
        for name in rule.unsets { headers.removeAll { $0.name == name } }
        for (field, isFilled) in rule.sets {
            let field = isFilled ? HeaderField(field.name, fill(field.value)) : field
            if names.contains(field.name) {
                headers.append(field)
            } else {
                headers.removeAll { $0.name == field.name }
                headers.append(field)
                names.append(field.name)
            }
        }
    }
}
