/// Whether a response is what its URL looks like. A page about the person who asks, served under `/account/nothing.css`, must
/// not be stored as a style sheet. See Cloudflare's documentation, "Cache Deception Armor".
package enum MediaTypes {
    /// The lower-case extension of the last segment of a path; `nil` when it has none.
    package static func pathExtension(_ target: String) -> String? {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let ending = name[name.index(after: dot)...]
        guard !ending.isEmpty, ending.utf8.count <= 8 else { return nil }
        return ending.lowercased()
    }

    /// Only text and applications are looked at: what a browser could run or show, or a program read.
    package static func contradicts(path target: String, type: String?) -> Bool {
        guard let ending = pathExtension(target), let expected = known[ending] else { return false }
        guard let type else { return false }
        let essence = type.prefix { $0 != ";" }.trimmedOfBlanks.lowercased()
        guard essence.hasPrefix("text/") || essence.hasPrefix("application/") else { return false }
        // Nothing in particular contradicts nothing in particular.
        if essence == "application/octet-stream" { return false }
        return !expected.split(separator: " ").contains { essence == $0 }
    }

    /// The extensions that are cached without being asked, and the text and application types each goes with.
    private static let known: [String: String] = {
        var known: [String: String] = [:]
        for ending in staticExtensions { known[ending] = "" }
        known["css"] = "text/css"
        known["js"] = "text/javascript application/javascript application/x-javascript"
        known["ejs"] = "text/plain text/html"
        known["csv"] = "text/csv text/plain application/csv"
        known["svg"] = "text/xml application/xml"
        known["svgz"] = "application/gzip application/x-gzip text/xml application/xml"
        known["pdf"] = "application/pdf application/x-pdf"
        known["ps"] = "application/postscript"
        known["eps"] = "application/postscript"
        known["doc"] = "application/msword"
        known["xls"] = "application/vnd.ms-excel"
        known["ppt"] = "application/vnd.ms-powerpoint"
        let office = "application/vnd.openxmlformats-officedocument."
        known["docx"] = office + "wordprocessingml.document"
        known["xlsx"] = office + "spreadsheetml.sheet"
        known["pptx"] = office + "presentationml.presentation"
        known["woff"] = "application/font-woff application/x-font-woff"
        known["woff2"] = "application/font-woff2 application/x-font-woff2"
        known["ttf"] = "application/x-font-ttf application/font-sfnt application/x-font-truetype"
        known["otf"] = "application/x-font-otf application/x-font-opentype application/font-sfnt"
        known["eot"] = "application/vnd.ms-fontobject"
        known["swf"] = "application/x-shockwave-flash application/vnd.adobe.flash.movie"
        known["ogg"] = "application/ogg"
        known["mp4"] = "application/mp4"
        known["zip"] = "application/zip application/x-zip-compressed"
        known["gz"] = "application/gzip application/x-gzip"
        known["bz2"] = "application/x-bzip2"
        known["zst"] = "application/zstd"
        known["tar"] = "application/x-tar"
        known["rar"] = "application/vnd.rar application/x-rar-compressed"
        known["7z"] = "application/x-7z-compressed"
        known["jar"] = "application/java-archive"
        known["class"] = "application/java-vm application/java"
        known["exe"] = "application/x-msdownload application/vnd.microsoft.portable-executable"
        known["apk"] = "application/vnd.android.package-archive"
        known["dmg"] = "application/x-apple-diskimage"
        known["iso"] = "application/x-iso9660-image"
        return known
    }()

    /// What is cached without being asked. See Cloudflare's documentation, "Default cache behavior".
    package static let staticExtensions: Set<String> = Set(
        """
        7z apk avi avif bin bmp bz2 class css csv dmg doc docx ejs eot eps exe flac gif gz ico iso jar jpeg jpg js mid midi
        mkv mp3 mp4 ogg otf pdf pict pls png ppt pptx ps rar svg svgz swf tar tif tiff ttf webm webp woff woff2 xls xlsx
        zip zst
        """
        .split { $0 == " " || $0 == "\n" }.map(String.init))
}
