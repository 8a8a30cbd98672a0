import HTTPTypes

/// RFC 9111 §4.1: which stored response of a URL a request chooses.
extension CachePolicy {
    /// A `Vary` that names more fields than this is taken for one that nothing matches.
    private static let mostVariantFields = 32

    /// What a response to this request was chosen by; `nil` when no request can choose it again.
    func variant(of response: HTTPFields, request: HTTPFields) -> [VariantField]? {
        var names: Set<String> = []
        for line in response[values: .vary] {
            for item in line.membersOfList {
                let name = item.trimmedOfBlanks.lowercased()
                if name.isEmpty { continue }
                // `*` stands for anything at all; so does what is no name.
                guard name != "*", HTTPField.Name(name) != nil else { return nil }
                names.insert(name)
            }
        }
        if case .only(let few) = variance { names.formIntersection(few) }
        guard !names.contains(where: { action($0) == .bypass }) else { return nil }
        guard names.count <= CachePolicy.mostVariantFields else { return nil }
        return names.sorted().map { VariantField(name: $0, value: comparable($0, request)) }
    }

    /// Whether a stored response is one that a request chooses.
    package func fits(_ stored: CachedResponse, _ request: CacheRequest) -> Bool { fit(stored, request.fields) != nil }

    /// How well a stored response fits a request.
    enum Fit: Int, Comparable {
        /// The response does not vary.
        case any
        /// It is in the language that the client prefers to all others, and equal in all else.
        case language
        /// All that it was chosen by is equal.
        case equal

        static func < (left: Fit, right: Fit) -> Bool { left.rawValue < right.rawValue }
    }

    /// - Returns: `nil` when the response was chosen by something that this request has not.
    func fit(_ stored: CachedResponse, _ request: HTTPFields) -> Fit? {
        if stored.variant.isEmpty { return .any }
        var fit = Fit.equal
        for field in stored.variant where !CachePolicy.isEqual(comparable(field.name, request), field.value) {
            guard answersByLanguage, field.name == "accept-language", prefersLanguage(of: stored, request) else {
                return nil
            }
            fit = .language
        }
        return fit
    }

    /// Byte by byte, which Swift's equality of texts is not.
    private static func isEqual(_ left: String?, _ right: String?) -> Bool {
        switch (left, right) {
        case (nil, nil): true
        case (let left?, let right?): left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }

    /// A request field in the form in which it is compared.
    func comparable(_ name: String, _ request: HTTPFields) -> String? {
        guard let name = HTTPField.Name(name) else { return nil }
        let lines = request[values: name]
        guard !lines.isEmpty else { return nil }
        let action = action(name.canonicalName)
        guard case .normalise(let choices) = action else { return lines.joined(separator: ", ") }
        if !choices.isEmpty { return WeightedList(lines).best(of: choices) ?? "" }
        switch name.canonicalName {
        case "cookie": return lines.joined(separator: "; ")
        case "accept-language", "accept-encoding", "accept-charset":
            return WeightedList(lines).normalised
        default:
            let line = lines.joined(separator: ", ")
            // Where a quote never ends, nobody knows where the commas are.
            if QuotedList.isOpenEnded(line) { return line }
            return QuotedList.items(line).joined(separator: ",")
        }
    }

    private func action(_ name: String) -> VaryAction {
        switch variance {
        case .normalised, .only: .normalise(choices: [])
        case .verbatim: .passThrough
        case .configured(let others, let fields): fields[name] ?? others
        }
    }

    private func prefersLanguage(of stored: CachedResponse, _ request: HTTPFields) -> Bool {
        let languages = stored.fields[values: .contentLanguage]
        guard languages.count == 1 else { return false }
        let language = languages[0].trimmedOfBlanks.lowercased()
        guard let favourite = WeightedList(request[values: .acceptLanguage]).favourite else { return false }
        return favourite == language
    }
}

/// A list of choices with weights: `de, en;q=0.8` (RFC 9110 §12.4.2). Order, letter case and blanks mean nothing in it.
package struct WeightedList: Sendable, Hashable {
    private struct Choice: Sendable, Hashable {
        /// In lower case, without blanks around its parts.
        var text: String
        /// In thousandths; `nil` for a choice whose weight cannot be read.
        var weight: Int?
    }

    private var choices: [Choice] = []

    package init(_ lines: [String]) {
        for line in lines {
            for item in line.membersOfList {
                var parts = item.split(separator: ";", omittingEmptySubsequences: false).map {
                    $0.trimmedOfBlanks.lowercased()
                }
                var weight: Int? = 1000
                if let last = parts.last, parts.count > 1, last.hasPrefix("q=") {
                    weight = WeightedList.thousandths(last.dropFirst(2))
                    if weight != nil { parts.removeLast() }
                }
                let text = parts.joined(separator: ";")
                if !text.isEmpty { choices.append(Choice(text: text, weight: weight)) }
            }
        }
    }

    /// Equal for lists that mean the same.
    package var normalised: String {
        let texts = choices.map { choice in
            guard let weight = choice.weight, weight != 1000 else { return choice.text }
            return "\(choice.text);q=\(weight)"
        }
        return texts.sorted().joined(separator: ",")
    }

    /// The one choice that weighs more than every other; `nil` when there is none such.
    package var favourite: String? {
        var best: Choice?
        var isUnique = false
        for choice in choices {
            guard let weight = choice.weight else { return nil }
            if let known = best?.weight, weight <= known {
                if weight == known { isUnique = false }
            } else {
                best = choice
                isUnique = true
            }
        }
        guard isUnique, let best, best.weight ?? 0 > 0, best.text != "*" else { return nil }
        return best.text
    }

    /// Which of the choices weighs most, the first of equals; `nil` when none is acceptable. A language stands for its
    /// regions too, and a type for its subtypes.
    package func best(of offered: [String]) -> String? {
        var best: (text: String, weight: Int)?
        for offer in offered {
            let text = offer.lowercased()
            let weight = weight(of: text)
            if weight > best?.weight ?? 0 { best = (text, weight) }
        }
        return best?.text
    }

    /// By the longest pattern that fits.
    private func weight(of text: String) -> Int {
        var found: (length: Int, weight: Int) = (-1, 0)
        for choice in choices {
            let pattern = choice.text
            let stem = pattern.hasSuffix("/*") ? String(pattern.dropLast()) : pattern + "-"
            guard pattern == text || text.hasPrefix(stem) || pattern == "*" || pattern == "*/*" else { continue }
            let length = pattern.hasPrefix("*") ? 0 : pattern.utf8.count
            if length > found.length { found = (length, choice.weight ?? 0) }
        }
        return found.weight
    }

    /// `0.8` is 800; `nil` for what is no weight.
    private static func thousandths(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts[0] == "0" || parts[0] == "1" else { return nil }
        var thousandths = parts[0] == "1" ? 1000 : 0
        guard parts.count == 2 else { return thousandths }
        let digits = parts[1].utf8
        guard digits.count <= 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        var place = 100
        for digit in digits {
            thousandths += Int(digit - 0x30) * place
            place /= 10
        }
        return thousandths <= 1000 ? thousandths : nil
    }
}
