import NIOSSL

#if canImport(Glibc)
    import Glibc
#endif

/// A PEM file of authorities that somebody names on the command line.
enum AuthorityFile {
    /// - Parameter option: what names the file.
    /// - Throws: one sentence when there is no such file, when it cannot be read, or when it holds no certificate.
    static func check(_ file: String, option: String) throws(TLSFailure) {
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw TLSFailure("There is no file \(file), which \(option) names.")
        }
        guard access(file, R_OK) == 0 else {
            throw TLSFailure("The file \(file), which \(option) names, cannot be read.")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
            throw TLSFailure("There is no certificate in PEM form in \(file), which \(option) names.")
        }
    }
}
