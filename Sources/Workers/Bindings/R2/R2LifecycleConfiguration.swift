/// The rules of a bucket as the S3 interface and the API take them (R2 documentation, page "Object lifecycles"). One
/// that exists is valid.
package struct R2LifecycleConfiguration: Sendable, Hashable {
    package static let maxRules = 1000
    private static let day = 86_400.0

    package let rules: [R2LifecycleRule]

    /// Ages are whole days, at least one; dates are midnights of UTC; each rule does something; ids are unique.
    package init(_ rules: [R2LifecycleRule]) throws(R2InvalidConfiguration) {
        if rules.count > Self.maxRules {
            throw R2InvalidConfiguration("A bucket has at most \(Self.maxRules) lifecycle rules, not \(rules.count).")
        }
        for rule in rules { try Self.check(rule) }
        guard Set(rules.map { Array($0.id.utf8) }).count == rules.count else {
            throw R2InvalidConfiguration("Two lifecycle rules have the same ID.")
        }
        self.rules = rules
    }

    private static func check(_ rule: R2LifecycleRule) throws(R2InvalidConfiguration) {
        let name = "The lifecycle rule \"\(rule.id)\""
        if rule.id.utf8.count > 255 { throw R2InvalidConfiguration("\(name) has an ID of more than 255 bytes.") }
        if rule.prefix.utf8.count > 1024 {
            throw R2InvalidConfiguration("\(name) has a prefix of more than 1024 bytes.")
        }
        if rule.deletesObjects == nil, rule.movesToInfrequentAccess == nil, rule.abortsUploadsAfter == nil {
            throw R2InvalidConfiguration("\(name) has no action.")
        }
        let ages = [rule.deletesObjects?.age, rule.movesToInfrequentAccess?.age, rule.abortsUploadsAfter]
        for age in ages.compactMap(\.self) where age < day || age.remainder(dividingBy: day) != 0 {
            throw R2InvalidConfiguration("\(name) has an age that is no positive number of days.")
        }
        if case .from? = rule.movesToInfrequentAccess {
            throw R2InvalidConfiguration("\(name) has a Transition by Date; R2 takes Days.")
        }
        if case .from(let date)? = rule.deletesObjects, date.remainder(dividingBy: day) != 0 {
            throw R2InvalidConfiguration("\(name) has a Date that is not at midnight UTC.")
        }
    }

    /// When a rule will delete an object, for `x-amz-expiration`.
    ///
    /// - Returns: the rule that does so first, and the midnight of UTC after the object is due, in seconds since 1970.
    package static func expiration(
        of object: R2Object, under rules: [R2LifecycleRule]
    ) -> (rule: R2LifecycleRule, date: Double)? {
        let key = R2Key(object.key)
        var first: (rule: R2LifecycleRule, date: Double)?
        for rule in rules where rule.isAbout(key) {
            guard let due = rule.deletesObjects else { continue }
            let date =
                switch due {
                case .after(let seconds): ((object.uploaded + seconds) / day).rounded(.up) * day
                case .from(let date): date
                }
            if date < first?.date ?? .infinity { first = (rule, date) }
        }
        return first
    }
}

extension R2LifecycleRule.Due {
    fileprivate var age: Double? {
        switch self {
        case .after(let seconds): seconds
        case .from: nil
        }
    }
}

extension LocalR2Bucket {
    /// Replaces the rules. Throws `R2Failure`.
    package func setLifecycle(_ configuration: R2LifecycleConfiguration) async throws {
        try await setLifecycle(configuration.rules)
    }
}
