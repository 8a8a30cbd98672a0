import ArgumentParser
import SiteBuilder

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check configuration, rules, links and types without building.")

    @Option(help: "The folder with site.toml.")
    var site = "site"

    @Flag(help: "Fail on warnings, too.")
    var strict = false

    func run() async throws {
        let terminal = Terminal()
        let project: SiteProject
        do {
            project = try SiteProject.load(root: terminal.currentFolder, site: site)
        } catch {
            // The rest of the site cannot be found without its configuration; that of the edge can.
            let edge = ProjectCheck.wranglerProblems(root: terminal.currentFolder, environment: terminal.environment)
            terminal.fail(BuildFailure(error.diagnostics + edge.problems), "Not in order")
            throw ExitCode(1)
        }
        var problems: [Diagnostic] = []
        do {
            let edge = ProjectCheck.wranglerProblems(root: project.root, environment: terminal.environment)
            let stages = try SiteStages(
                project, mode: .production, toolchain: try Toolchain.locate(projectRoot: project.root),
                workerPaths: edge.workerPaths)
            var parts: [BuildStage] = []
            if project.configuration.docs != nil { parts.append(stages.linksStage) }
            if project.configuration.client != nil { parts.append(stages.typesStage) }
            for finding in await ProjectCheck(project).run(parts, environment: terminal.environment) {
                problems += finding.diagnostics
                let isFine = !finding.diagnostics.contains { $0.severity == .error }
                terminal.print("  \(isFine ? "✓" : "✗") \(finding.name)  \(finding.duration.short)\n")
            }
            await stages.close()
        } catch let diagnostic as Diagnostic {
            problems.append(diagnostic)
        }
        guard !problems.contains(where: { strict || $0.severity == .error }) else {
            terminal.fail(BuildFailure(problems), "Not in order")
            throw ExitCode(1)
        }
        terminal.show(problems)
        terminal.print("Everything is in order.\n")
    }
}
