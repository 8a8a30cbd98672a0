import ArgumentParser

@main struct Lilypad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lilypad", abstract: "Builds the site and its documentation.",
        subcommands: [BuildCommand.self, DevCommand.self, CheckCommand.self, SetupCommand.self, TrustCommand.self])
}
