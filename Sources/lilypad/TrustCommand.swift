import ArgumentParser
import EdgeServer
import Foundation

struct TrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Explains how to trust the local certificate authority.",
        discussion: """
            The authority signs the certificates of emulate, serve and proxy with --https. It is made if there is none yet. \
            Nothing is installed: trusting it is left to you.
            """)

    @Flag(help: "Prints the certificate, PEM, and nothing else.")
    var pem = false

    func run() async throws {
        do {
            let folder = try LocalAuthority.standardFolder(ProcessInfo.processInfo.environment)
            let authority = try LocalAuthority(folder: folder, now: Date().timeIntervalSince1970)
            print(pem ? authority.pem : TrustCommand.text(authority))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode.failure
        }
    }

    private static func text(_ authority: LocalAuthority) -> String {
        let file = authority.certificateFile
        return """
            The local authority: \(file)
            SHA-256 \(authority.fingerprint)

            It signs for localhost, *.localhost, loopback and private addresses and for names that no public site has.
            Its key stays in \(authority.folder), readable by you alone.

            curl       curl --cacert \(file) https://localhost:8787/
            Debian     sudo cp \(file) /usr/local/share/ca-certificates/lilypad.crt && sudo update-ca-certificates
            Fedora     sudo cp \(file) /etc/pki/ca-trust/source/anchors/lilypad.pem && sudo update-ca-trust
            Chromium   certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Lilypad -i \(file)     (libnss3-tools)
            Firefox    Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import
            macOS      security add-trusted-cert -k ~/Library/Keychains/login.keychain-db \(file)
            Windows    certutil -user -addstore Root authority.pem

            To be rid of it: take it out of where it is trusted, and remove \(authority.folder).
            """
    }
}
