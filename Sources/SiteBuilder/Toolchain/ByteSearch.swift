import Foundation

/// Plain searching in bytes. The texts here reach a megabyte, which `String` searches slowly in a debug build.
extension [UInt8] {
    /// Where `needle` begins, at or after `start`.
    func firstIndex(of needle: [UInt8], from start: Int = 0) -> Int? {
        guard !needle.isEmpty, start + needle.count <= count else { return nil }
        return withUnsafeBytes { hay in
            needle.withUnsafeBytes { needle in
                let base = hay.baseAddress!
                // One past the last place where the needle still fits.
                let limit = hay.count - needle.count + 1
                var at = start
                while at < limit, let hit = memchr(base + at, Int32(needle[0]), limit - at) {
                    if memcmp(hit, needle.baseAddress!, needle.count) == 0 { return UnsafeRawPointer(hit) - base }
                    at = UnsafeRawPointer(hit) - base + 1
                }
                return nil
            }
        }
    }

    /// Every place where `needle` begins, without overlaps.
    func indices(of needle: [UInt8]) -> [Int] {
        var found: [Int] = []
        var start = 0
        while let index = firstIndex(of: needle, from: start) {
            found.append(index)
            start = index + needle.count
        }
        return found
    }

    func replacing(_ needle: [UInt8], with replacement: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var start = 0
        for index in indices(of: needle) {
            result += self[start..<index]
            result += replacement
            start = index + needle.count
        }
        return result + self[start...]
    }
}
