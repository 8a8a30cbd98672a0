import Workers

extension WorkerHost {
    /// This Worker as another one's service binding.
    ///
    /// - Parameter props: what the callee finds as `context.props`.
    public func service(props: JSON = .null) -> any Fetcher { LocalService(host: self, props: props) }
}

/// Calls another Worker of the same process: no network, no added fields, errors travel to the caller. The callee has a
/// context of its own and draws on the caller's limits. See the Workers documentation, "Service bindings".
private struct LocalService: Fetcher {
    let host: WorkerHost
    let props: JSON

    func fetch(_ request: Request) async throws -> Response {
        try await RequestMeter.invoking { try await call(request, RequestMeter.current) }
    }

    private func call(_ request: Request, _ meter: RequestMeter?) async throws -> Response {
        let call = WorkerCall(host: host, executor: host.blocking, meter: meter, props: props)
        defer { call.answered() }
        return try await onOwnThreads { try await host.response(to: request, call) }
    }

    private func onOwnThreads(_ body: @Sendable () async throws -> Response) async throws -> Response {
        guard let blocking = host.blocking else { return try await body() }
        return try await withTaskExecutorPreference(blocking) { try await body() }
    }
}
