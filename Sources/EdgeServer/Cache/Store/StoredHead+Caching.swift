import HTTPCaching

extension StoredHead {
    init(_ response: CachedResponse) {
        self.init(
            status: response.status, fields: response.fields, requestTime: response.requestTime,
            responseTime: response.responseTime,
            variant: response.variant.map { VariantField(name: $0.name, value: $0.value) })
        if case .part(let range, let size) = response.content { content = .part(range, of: size) }
    }
}

extension CachedResponse {
    /// - Parameters:
    ///   - size: bytes of the body.
    ///   - policy: of the cache that the response is stored in.
    package init(_ head: StoredHead, size: Int, policy: CachePolicy) {
        let content: Content =
            switch head.content {
            case .complete: .complete(size: size)
            case .part(let range, let whole): .part(range, of: whole)
            }
        self.init(
            status: head.status, fields: head.fields, requestTime: head.requestTime, responseTime: head.responseTime,
            variant: head.variant.map { HTTPCaching.VariantField(name: $0.name, value: $0.value) }, content: content,
            policy: policy)
    }
}
