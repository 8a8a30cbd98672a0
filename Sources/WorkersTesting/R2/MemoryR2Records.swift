import Workers

/// The records of one bucket in memory. Only its account uses it, under a lock.
final class MemoryR2Records: R2Records {
    private let blobs: MemoryR2Blobs
    /// Tells that something is stored, and since when.
    private let exist: (Double) -> Void
    private var records: [R2Key: R2Record] = [:]
    /// In order.
    private var keys: [R2Key] = []
    private var uploadsByID: [String: R2Upload] = [:]
    private var partsByID: [String: [Int: R2Part]] = [:]
    private var rules: [R2LifecycleRule]?
    private var corsRules: R2CORSConfiguration?

    init(_ blobs: MemoryR2Blobs, exist: @escaping (Double) -> Void) {
        self.blobs = blobs
        self.exist = exist
    }

    private func use(_ segments: [R2Segment]) { segments.forEach(blobs.use) }
    private func drop(_ segment: R2Segment) { blobs.drop(segment) }

    // MARK: Objects

    func record(_ key: R2Key) -> R2Record? { records[key] }

    func object(_ key: R2Key) -> R2Object? { records[key]?.object }

    func save(_ record: R2Record) {
        let key = record.key
        exist(record.object.uploaded)
        use(record.segments)
        if let old = records.updateValue(record, forKey: key) {
            old.segments.forEach(drop)
        } else {
            keys.insert(key, at: position(of: key))
        }
    }

    func setStorageClass(_ storageClass: R2StorageClass, of key: R2Key) {
        records[key]?.object.storageClass = storageClass
    }

    func remove(_ key: R2Key) {
        guard let old = records.removeValue(forKey: key) else { return }
        keys.remove(at: position(of: key))
        old.segments.forEach(drop)
    }

    func scan(from start: R2Key, to end: R2Key?, _ visit: (R2Object) throws -> R2ScanStep) rethrows {
        var index = position(of: start)
        while index < keys.count {
            let key = keys[index]
            if let end, key >= end { return }
            guard let record = records[key] else { return }
            switch try visit(record.object) {
            case .next: index += 1
            case .skip(let next): index = max(index + 1, position(of: next))
            case .stop: return
            }
        }
    }

    /// Of the first key that is not less.
    private func position(of key: R2Key) -> Int {
        var range = keys.startIndex..<keys.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = keys[middle] < key ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    // MARK: Uploads

    func uploads() -> [R2Upload] {
        uploadsByID.values.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    func upload(_ id: String) -> R2Upload? { uploadsByID[id] }

    func save(_ upload: R2Upload) {
        exist(upload.created)
        uploadsByID[upload.id] = upload
    }

    func removeUpload(_ id: String) {
        removeParts(ofUpload: id)
        uploadsByID[id] = nil
    }

    func parts(ofUpload id: String) -> [R2Part] { (partsByID[id] ?? [:]).values.sorted { $0.number < $1.number } }

    func save(_ part: R2Part, inUpload id: String) {
        if let segment = part.segment { use([segment]) }
        let old = partsByID[id, default: [:]].updateValue(part, forKey: part.number)
        if let segment = old?.segment { drop(segment) }
    }

    func removeParts(ofUpload id: String) {
        guard let parts = partsByID.removeValue(forKey: id) else { return }
        for segment in parts.values.compactMap(\.segment) { drop(segment) }
    }

    // MARK: Rules

    func lifecycle() -> [R2LifecycleRule]? { rules }

    func save(_ lifecycle: [R2LifecycleRule]) { rules = lifecycle }

    func cors() -> R2CORSConfiguration? { corsRules }

    func save(_ cors: R2CORSConfiguration?) { corsRules = cors }
}
