import StaticAssets
import Testing

private let file = VectorFile("assets-routing.json")

@Suite struct AssetsRoutingVectors {
    @Test(.enabled(if: file.exists, file.missing), arguments: file.cases)
    func routing(_ vector: VectorCase) throws {
        let (given, when, then) = (vector.given, vector.when, vector.then)
        let files = (given["files"]?.texts ?? []).map { AssetFile(path: $0, bytes: Array("content of \($0)".utf8)) }
        let bundle = AssetBundle(
            files: files, headersFile: given["headers_file"]?.text, redirectsFile: given["redirects_file"]?.text)
        let router = AssetRouter(
            bundle: bundle, settings: try settings(given), hasWorker: given["worker"]?.bool ?? false)

        let headers = (when["headers"]?.fields ?? [:]).map { name, value in
            (name.lowercased(), filled(value, bundle))
        }
        let request = AssetRequest(
            method: when["method"]?.text ?? "GET", target: when["path"]?.text ?? "",
            host: when["host"]?.text ?? "example.com", header: { name in headers.first { $0.0 == name }?.1 })

        let answer: AssetAnswer
        if when["via"]?.text == "binding" {
            answer = router.fetch(request)
        } else {
            switch router.route(request) {
            case .worker:
                #expect(then["handled_by"]?.text == "worker")
                return
            case .assets(let assets):
                answer = assets
            }
        }
        #expect(then["handled_by"]?.text == "assets", "\(answer.reason)")
        check(answer, then, bundle)
    }

    private func settings(_ given: JSON) throws -> AssetSettings {
        let assets = given["assets"] ?? .null
        var settings = AssetSettings()
        if let text = assets["html_handling"]?.text {
            settings.htmlHandling = try #require(HTMLHandling(rawValue: text))
        }
        if let text = assets["not_found_handling"]?.text {
            settings.notFoundHandling = try #require(NotFoundHandling(rawValue: text))
        }
        switch assets["run_worker_first"] {
        case .bool(true)?: settings.runWorkerFirst = .always
        case .list(let rules)?: settings.runWorkerFirst = .rules(try WorkerFirstRules(rules.compactMap(\.text)))
        default: break
        }
        settings.navigationPrefersAssets = AssetSettings.navigationPrefersAssets(
            compatibilityDate: given["compatibility_date"]?.text, flags: given["compatibility_flags"]?.texts ?? [])
        return settings
    }

    private func check(_ answer: AssetAnswer, _ then: JSON, _ bundle: AssetBundle) {
        #expect(answer.status == then["status"]?.number)
        let values = { (name: String) in answer.headers.filter { $0.name == name }.map(\.value) }
        if let location = then["location"]?.text { #expect(values("location") == [location]) }
        if let path = then["file"]?.text { #expect(answer.file?.path == path) }
        switch then["body"]?.text {
        case "file": #expect(answer.hasBody && answer.file != nil)
        case "empty": #expect(!answer.hasBody)
        default: break
        }
        for (name, value) in then["headers"]?.fields ?? [:] {
            #expect(values(name).joined(separator: ", ") == filled(value, bundle), "\(name)")
        }
        for name in then["absent_headers"]?.texts ?? [] { #expect(values(name).isEmpty, "\(name)") }
    }

    /// `${etag:/path}` stands for the tag of that file.
    private func filled(_ text: String, _ bundle: AssetBundle) -> String {
        var text = text
        for file in bundle.files { text = text.replacing("${etag:\(file.path)}", with: file.contentTag) }
        return text
    }
}
