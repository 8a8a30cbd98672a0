import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Processors that are online.
public func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// `transform` of every index, on all processors, in order. Each worker has a `scratch` of its own to reuse.
///
/// Workers take small runs of indices from one counter, so a few long items do not leave processors idle.
func concurrentMap<Scratch, Result: Sendable>(
    count: Int, scratch: @escaping @Sendable () -> Scratch,
    transform: @escaping @Sendable (Int, inout Scratch) -> Result
) async -> [Result] {
    let workers = min(processorCount(), (count + 7) / 8)
    guard workers > 1 else {
        var own = scratch()
        return (0..<count).map { transform($0, &own) }
    }
    let next = Counter()
    let run = 4
    return await withTaskGroup(of: [(Int, Result)].self) { group in
        for _ in 0..<workers {
            group.addTask {
                var own = scratch()
                var results: [(Int, Result)] = []
                while true {
                    let first = next.take(run)
                    guard first < count else { return results }
                    for index in first..<min(first + run, count) { results.append((index, transform(index, &own))) }
                }
            }
        }
        var ordered = [Result?](repeating: nil, count: count)
        for await results in group {
            for (index, result) in results { ordered[index] = result }
        }
        return ordered.map { $0! }
    }
}

private final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    /// The first of `count` indices nobody else gets.
    func take(_ count: Int) -> Int { value.wrappingAdd(count, ordering: .relaxed).oldValue }
}
