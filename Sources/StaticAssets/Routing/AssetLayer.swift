/// The assets without the question whether a Worker should answer: redirect rules, files, fallbacks, header rules.
struct AssetLayer: Sendable {
    let bundle: AssetBundle
    let htmlHandling: HTMLHandling
    let headerRules: HeaderRules
    let redirectRules: RedirectRules

    /// Nil when there is nothing behind the path and no rule rewrote it: the case in which a Worker would be asked.
    func answer(_ request: AssetRequest, notFoundHandling: NotFoundHandling) -> AssetAnswer? {
        guard var answer = bareAnswer(request, notFoundHandling) else { return nil }
        applyHeaderRules(to: &answer, request)
        return answer
    }

    /// The 404 for a path with nothing behind it.
    func nothingFound(_ request: AssetRequest) -> AssetAnswer {
        var answer = AssetAnswer(404, AssetReason(.nothingFound))
        applyHeaderRules(to: &answer, request)
        return answer
    }

    private func applyHeaderRules(to answer: inout AssetAnswer, _ request: AssetRequest) {
        guard !headerRules.isEmpty else { return }
        headerRules.apply(to: &answer.headers, path: request.target.path, host: request.origin.host)
    }

    private func bareAnswer(_ request: AssetRequest, _ notFoundHandling: NotFoundHandling) -> AssetAnswer? {
        var rawPath = request.target.path
        var rewriteLine: Int?
        if !redirectRules.isEmpty,
            let action = redirectRules.action(path: rawPath, query: request.target.query, origin: request.origin)
        {
            switch action.kind {
            case .redirect(let status, let location, let dependsOnOrigin):
                return AssetAnswer(
                    status, AssetReason(.redirectRule, redirectLine: action.line), location: location,
                    dependsOnOrigin: dependsOnOrigin)
            case .rewrite(let path):
                rawPath = path
                rewriteLine = action.line
            }
        }

        let path = AssetPath(raw: rawPath)
        let chooser = AssetChooser(bundle: bundle, htmlHandling: htmlHandling, notFoundHandling: notFoundHandling)
        guard let choice = chooser.choose(path.lookup) else {
            return rewriteLine.map { AssetAnswer(404, AssetReason(.nothingFound, redirectLine: $0)) }
        }
        return answer(choice, path, request, rewriteLine)
    }

    private func answer(
        _ choice: AssetChooser.Choice, _ path: AssetPath, _ request: AssetRequest, _ rewriteLine: Int?
    ) -> AssetAnswer {
        func reason(_ decision: AssetReason.Decision, _ file: AssetFile) -> AssetReason {
            AssetReason(decision, file: file.path, redirectLine: rewriteLine)
        }
        func redirect(to path: String, _ reason: AssetReason) -> AssetAnswer {
            AssetAnswer(307, reason, location: AssetPath.encoded(path) + request.target.query)
        }
        switch choice {
        case .redirect(_, let file) where request.method == .other, .file(let file, _) where request.method == .other:
            return AssetAnswer(405, reason(.methodNotAllowed, file))
        case .redirect(let destination, let file):
            return redirect(to: destination, reason(.htmlHandling, file))
        case .file(let file, _) where !path.isCanonical:
            return redirect(to: path.lookup, reason(.spelling, file))
        case .file(let file, let decision):
            return AssetAnswer(file, reason(decision, file), request)
        }
    }
}

extension AssetAnswer {
    fileprivate init(
        _ status: Int, _ reason: AssetReason, location: String? = nil, dependsOnOrigin: Bool = false
    ) {
        self.init(
            status: status, headers: location.map { [HeaderField("location", $0)] } ?? [], file: nil, hasBody: false,
            dependsOnOrigin: dependsOnOrigin, reason: reason)
    }

    fileprivate init(_ file: AssetFile, _ reason: AssetReason, _ request: AssetRequest) {
        let isUnchanged = request.ifNoneMatch.map { $0 == file.eTag || $0 == file.weakETag } ?? false
        let status = isUnchanged ? 304 : reason.decision == .notFoundPage ? 404 : 200
        self.init(
            status: status, headers: request.isPersonalOrPartial ? file.uncachedHeaders : file.headers, file: file,
            hasBody: !isUnchanged && request.method == .get, dependsOnOrigin: false, reason: reason)
    }
}
