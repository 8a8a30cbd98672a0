/// How encrypted bytes lie: a salt, then frames of 64 KiB of content, each with its tag. A part of the content is read
/// by opening the frames that it touches and no others.
enum SealedLayout {
    static let saltBytes = 32
    static let frameBytes = 65_536
    static let tagBytes = 16
    private static let sealedFrameBytes = frameBytes + tagBytes

    static func storedSize(content: Int) -> Int {
        if content == 0 { return 0 }
        return saltBytes + content + frames(content: content) * tagBytes
    }

    static func contentSize(stored: Int) -> Int {
        let sealed = stored - saltBytes
        if sealed <= 0 { return 0 }
        let frames = (sealed + sealedFrameBytes - 1) / sealedFrameBytes
        return sealed - frames * tagBytes
    }

    static func frames(content: Int) -> Int { (content + frameBytes - 1) / frameBytes }

    /// What is read of one segment.
    struct Span: Hashable {
        /// In all stored bytes.
        var salt: Range<Int>
        var sealed: Range<Int>
        /// Of the segment's frames.
        var frames: Range<Int>
        var contentSize: Int
        /// Content of the first frame that is not wanted.
        var skip: Int
        /// Content that is wanted.
        var count: Int

        /// With its tag.
        func bytes(ofFrame index: Int) -> Int {
            min(frameBytes, contentSize - index * frameBytes) + tagBytes
        }
    }

    /// - Parameter range: of the content.
    static func spans(of range: Range<Int>, in segments: [R2Segment]) -> [Span] {
        var spans: [Span] = []
        var (content, stored) = (0, 0)
        for segment in segments {
            let size = contentSize(stored: segment.size)
            let overlap = range.clamped(to: content..<(content + size))
            if !overlap.isEmpty {
                let first = (overlap.lowerBound - content) / frameBytes
                let end = frames(content: overlap.upperBound - content)
                let start = stored + saltBytes
                let sealedEnd = min(segment.size - saltBytes, end * sealedFrameBytes)
                spans.append(
                    Span(
                        salt: stored..<start, sealed: (start + first * sealedFrameBytes)..<(start + sealedEnd),
                        frames: first..<end, contentSize: size,
                        skip: overlap.lowerBound - content - first * frameBytes, count: overlap.count))
            }
            content += size
            stored += segment.size
        }
        return spans
    }
}
