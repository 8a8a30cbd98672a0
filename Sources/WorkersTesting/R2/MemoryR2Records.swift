import Workers

/// The records of one bucket in memory. Only its store uses it, under a lock.
final class MemoryR2Records: R2Records {
    private struct Blob {
        var bytes: [UInt8]
        /// Records that name it, and writers that have not released it.
        var uses: Int
    }

    private var records: [R2Key: R2Record] = [:]
    /// In order.
    private var keys: [R2Key] = []
    private var uploadsByID: [String: R2Upload] = [:]
    private var partsByID: [String: [Int: R2Part]] = [:]
    private var rules: [R2LifecycleRule]?
    private var blobs: [[UInt8]: Blob] = [:]
    private var lastBlob: UInt64 = 0

    // MARK: Bytes

    var blobCount: Int { blobs.count }

    /// Keeps bytes until they are dropped.
    func keep(_ bytes: [UInt8]) -> [UInt8] {
        lastBlob += 1
        let name = withUnsafeBytes(of: lastBlob.bigEndian) { Array($0) }
        blobs[name] = Blob(bytes: bytes, uses: 1)
        return name
    }

    func drop(_ segment: R2Segment) {
        guard var blob = blobs[segment.blob] else { return }
        blob.uses -= 1
        blobs[segment.blob] = blob.uses > 0 ? blob : nil
    }

    func bytes(_ segments: [R2Segment]) -> [ArraySlice<UInt8>] { segments.compactMap { blobs[$0.blob]?.bytes[...] } }

    private func use(_ segments: [R2Segment]) {
        for segment in segments { blobs[segment.blob]?.uses += 1 }
    }

    // MARK: Objects

    func record(_ key: R2Key) -> R2Record? { records[key] }

    func object(_ key: R2Key) -> R2Object? { records[key]?.object }

    func save(_ record: R2Record) {
        let key = record.key
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

    func save(_ upload: R2Upload) { uploadsByID[upload.id] = upload }

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
}
