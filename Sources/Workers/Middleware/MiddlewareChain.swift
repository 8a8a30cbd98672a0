/// Puts middleware around handlers, once for each route.
struct MiddlewareChain<Env: Sendable>: Sendable {
    let problemResponse: @Sendable (Problem, Call<Env>) -> Response

    func around(_ handler: @escaping Handler<Env>, _ layers: [Wrap<Env>]) -> Handler<Env> {
        var chain = answeringProblems(handler)
        for layer in layers.reversed() { chain = answeringProblems(layer(chain)) }
        return chain
    }

    private func answeringProblems(_ handler: @escaping Handler<Env>) -> Handler<Env> {
        let problemResponse = problemResponse
        return { call in
            do {
                return try await handler(call)
            } catch let problem as Problem {
                call.values[ProblemNote.self]?.note(problem)
                return problemResponse(problem, call)
            } catch let error as BodyTooLarge {
                let problem = Problem(error)
                call.values[ProblemNote.self]?.note(problem)
                return problemResponse(problem, call)
            }
        }
    }
}
