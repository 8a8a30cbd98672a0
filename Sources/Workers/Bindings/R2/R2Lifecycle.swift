/// What happens to objects and unfinished uploads by themselves, as they age.
/// See the R2 documentation, page "Object lifecycles".
public struct R2LifecycleRule: Sendable, Hashable {
    /// When something is due.
    public enum Due: Sendable, Hashable {
        /// So many seconds after the object was written.
        case after(seconds: Double)
        /// From this moment on, in seconds since 1970.
        case from(Double)

        func isReached(uploaded: Double, now: Double) -> Bool {
            switch self {
            case .after(let seconds): now - uploaded >= seconds
            case .from(let moment): now >= moment
            }
        }
    }

    public var id: String
    public var isEnabled: Bool
    /// The rule is about keys that begin with this; empty means all.
    public var prefix: String
    public var deletesObjects: Due?
    public var movesToInfrequentAccess: Due?
    /// Seconds after an upload in parts was begun.
    public var abortsUploadsAfter: Double?

    public init(
        id: String, isEnabled: Bool = true, prefix: String = "", deletesObjects: Due? = nil,
        movesToInfrequentAccess: Due? = nil, abortsUploadsAfter: Double? = nil
    ) {
        self.id = id
        self.isEnabled = isEnabled
        self.prefix = prefix
        self.deletesObjects = deletesObjects
        self.movesToInfrequentAccess = movesToInfrequentAccess
        self.abortsUploadsAfter = abortsUploadsAfter
    }

    /// The rule that every bucket has from the beginning.
    public static let initial = R2LifecycleRule(
        id: "Default Multipart Abort Rule", abortsUploadsAfter: 7 * 86_400)

    func isAbout(_ key: R2Key) -> Bool { isEnabled && key.bytes.starts(with: prefix.utf8) }
}

/// The decisions of a bucket's rules together.
struct R2Lifecycle {
    enum Step: Hashable {
        case keep
        case delete
        case moveToInfrequentAccess
    }

    /// How long the end of an upload is remembered, so that a late call on it hears that it has ended.
    static let memoryOfEndedUploads = 30.0 * 86_400

    let rules: [R2LifecycleRule]

    func step(for object: R2Object, now: Double) -> Step {
        let rules = rules.filter { $0.isAbout(R2Key(object.key)) }
        // Deletion wins when both are due.
        if rules.contains(where: { $0.deletesObjects?.isReached(uploaded: object.uploaded, now: now) == true }) {
            return .delete
        }
        // Objects never move back.
        guard object.storageClass == .standard else { return .keep }
        let moves = rules.contains {
            $0.movesToInfrequentAccess?.isReached(uploaded: object.uploaded, now: now) == true
        }
        return moves ? .moveToInfrequentAccess : .keep
    }

    /// The earliest rule wins.
    func aborts(_ upload: R2Upload, now: Double) -> Bool {
        guard upload.state == .open else { return false }
        return rules.contains { rule in
            guard let age = rule.abortsUploadsAfter, rule.isAbout(upload.key) else { return false }
            return now - upload.created >= age
        }
    }

    func forgets(_ upload: R2Upload, now: Double) -> Bool {
        guard let ended = upload.ended else { return false }
        return now - ended >= Self.memoryOfEndedUploads
    }

    /// Whether any rule is about objects, so that they need looking at.
    var concernsObjects: Bool {
        rules.contains { $0.isEnabled && ($0.deletesObjects != nil || $0.movesToInfrequentAccess != nil) }
    }
}

/// What one application of the rules has done.
public struct R2LifecycleReport: Sendable, Hashable {
    public var deletedObjects = 0
    public var movedObjects = 0
    public var abortedUploads = 0

    public init(deletedObjects: Int = 0, movedObjects: Int = 0, abortedUploads: Int = 0) {
        self.deletedObjects = deletedObjects
        self.movedObjects = movedObjects
        self.abortedUploads = abortedUploads
    }
}
