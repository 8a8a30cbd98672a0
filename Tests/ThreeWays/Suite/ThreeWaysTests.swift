import Crypto
import Foundation
import HTTPTypes
import Testing
import ThreeWaysWorker
import Workers
import WorkersTesting

/// `requests.json`: what a Worker is asked, in this order.
private struct Questions: Decodable {
    struct Question: Decodable {
        struct Content: Decodable {
            var text: String?
            /// Bytes of `Sampler.pattern`.
            var pattern: Int?
        }

        var name: String
        var method: String
        var target: String
        var headers: [[String]]?
        var body: Content?
    }

    var host: String
    /// Fields of answers that are not compared, with the reason.
    var ignored: [String: String]
    var requests: [Question]
}

/// `answers.json`: how it answers.
private struct Answer: Codable, Equatable {
    var name: String
    var status: Int
    /// By name, those of the same name in their order.
    var headers: [[String]]?
    /// Content that is short and text; `nil` for the answer to HEAD.
    var text: String?
    /// Of other content: how long it is, and its SHA-256.
    var size: Int?
    var sha256: String?
    /// The content ends too early, and the client notices.
    var breaks: Bool?
    /// Nothing but the status is compared: developers see the error, users do not.
    var isUncaught: Bool?
}

/// One suite of requests runs three ways with equal answers: here in memory, in `Tests/Commands/three_ways.py` on
/// `emulate`, and on `serve` behind nginx.
///
/// `THREE_WAYS_RECORD=1 swift test --filter ThreeWays` writes `answers.json`, to be reviewed as a diff.
@Suite struct ThreeWaysTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private func answers(_ questions: Questions) async throws -> [Answer] {
        let worker = try TestWorker(Sampler.self, bindings: ["FILES": .r2(LocalR2Bucket.inMemory())])
        var answers: [Answer] = []
        for question in questions.requests {
            answers.append(try await answer(question, questions, worker))
        }
        return answers
    }

    private func answer(
        _ question: Questions.Question, _ questions: Questions, _ worker: TestWorker<Sampler>
    ) async throws -> Answer {
        var headers: Headers = [:]
        for field in question.headers ?? [] {
            headers.append(HTTPField(name: try #require(.init(field[0])), value: field[1]))
        }
        let url = RequestURL(scheme: "http", authority: questions.host, target: question.target)
        let method = try #require(HTTPRequest.Method(question.method))
        let request = Request(method, url, headers: headers, body: body(question.body))
        let response: Response
        do {
            response = try await worker.fetch(request)
        } catch {
            return Answer(name: question.name, status: 500, isUncaught: true)
        }
        var answer = Answer(name: question.name, status: response.status.code)
        answer.headers = response.headers.map { [$0.name.canonicalName, $0.value] }
            .filter { questions.ignored[$0[0]] == nil }
            .enumerated().sorted { ($0.element[0], $0.offset) < ($1.element[0], $1.offset) }.map(\.element)
        // What a host does: no content in the answer to HEAD.
        guard method != .head else {
            response.body.cancel()
            return answer
        }
        do {
            let bytes = try await response.bytes()
            if bytes.count <= 300, let text = String(validating: bytes, as: UTF8.self) {
                answer.text = text
            } else {
                answer.size = bytes.count
                answer.sha256 = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
            }
        } catch {
            answer.breaks = true
        }
        return answer
    }

    /// Large bodies come as streams, as from a socket.
    private func body(_ content: Questions.Question.Content?) -> Body {
        if let text = content?.text { return Body(text: text) }
        guard let size = content?.pattern else { return .empty }
        let bytes = Sampler.pattern(size)
        let chunks = stride(from: 0, to: size, by: 65_536).map { Array(bytes[$0..<min($0 + 65_536, size)]) }
        return Body(stream: BodyStream(chunks: chunks, length: size))
    }

    @Test func `in memory every request is answered as the file of answers says`() async throws {
        let data = try Data(contentsOf: Self.folder.appending(path: "requests.json"))
        let questions = try JSONDecoder().decode(Questions.self, from: data)
        let answers = try await answers(questions)
        let file = Self.folder.appending(path: "answers.json")
        if ProcessInfo.processInfo.environment["THREE_WAYS_RECORD"] != nil {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let lines = try answers.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
            try Data("[\n\(lines.joined(separator: ",\n"))\n]\n".utf8).write(to: file)
        }
        let expected = try JSONDecoder().decode([Answer].self, from: try Data(contentsOf: file))
        #expect(expected.count == questions.requests.count)
        #expect(expected.count > 100)
        for (answer, expected) in zip(answers, expected) { #expect(answer == expected) }
    }
}
