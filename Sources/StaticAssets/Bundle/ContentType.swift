/// The type a file is served with, from its name alone.
///
/// The facts are those of the public `mime-db` database, with its choice where one ending has several types. Endings it
/// does not know get no type at all: a guess would be believed.
public enum ContentType {
    /// The value of `Content-Type` for a file of this name or path; `text/…` carries its charset. Nil when the ending
    /// is unknown or missing.
    public static func of(path: String) -> String? {
        guard let ending = AssetFile.fileExtension(of: path) else { return nil }
        return types[ending.lowercased()]
    }

    private static let types: [String: String] = {
        var types: [String: String] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            let type = String(words[0])
            let value = type.hasPrefix("text/") ? type + "; charset=utf-8" : type
            for ending in words.dropFirst() { types[String(ending)] = value }
        }
        return types
    }()

    /// A type, then its endings.
    private static let table = """
        application/appinstaller appinstaller
        application/appx appx
        application/atom+xml atom
        application/calendar+xml xcs
        application/dash+xml mpd
        application/ecmascript ecma
        application/epub+zip epub
        application/express exp
        application/fdf fdf
        application/geo+json geojson
        application/gml+xml gml
        application/gpx+xml gpx
        application/gzip gz
        application/hjson hjson
        application/java-archive jar war ear
        application/java-vm class
        application/json json map
        application/json5 json5
        application/jsonml+json jsonml
        application/ld+json jsonld
        application/mac-binhex40 hqx
        application/manifest+json webmanifest
        application/mathematica ma nb mb
        application/mathml+xml mathml
        application/mbox mbox
        application/metalink4+xml meta4
        application/mp21 m21 mp21
        application/mp4 mp4s m4p
        application/msix msix
        application/msword doc dot
        application/mxf mxf
        application/n-quads nq
        application/n-triples nt
        application/node cjs
        application/octet-stream bin dms lrf mar so dist distz pkg bpk dump elc deploy exe dll deb dmg iso img msi msp
        application/octet-stream msm buffer
        application/oebps-package+xml opf
        application/ogg ogx
        application/onenote onetoc onetoc2 onetmp onepkg
        application/oxps oxps
        application/pdf pdf
        application/pgp-encrypted pgp
        application/pgp-keys asc
        application/pgp-signature sig
        application/pkcs10 p10
        application/pkcs7-mime p7m p7c
        application/pkcs7-signature p7s
        application/pkcs8 p8
        application/pkix-cert cer
        application/pkix-crl crl
        application/pls+xml pls
        application/postscript ai eps ps
        application/raml+yaml raml
        application/rdf+xml rdf owl
        application/rss+xml rss
        application/rtf rtf
        application/sdp sdp
        application/smil+xml smi smil
        application/sparql-query rq
        application/sql sql
        application/srgs gram
        application/ssml+xml ssml
        application/toml toml
        application/trig trig
        application/ttml+xml ttml
        application/vnd.adobe.air-application-installer-package+zip air
        application/vnd.android.package-archive apk
        application/vnd.apple.installer+xml mpkg
        application/vnd.apple.keynote key
        application/vnd.apple.mpegurl m3u8
        application/vnd.apple.numbers numbers
        application/vnd.apple.pages pages
        application/vnd.apple.pkpass pkpass
        application/vnd.dart dart
        application/vnd.dbf dbf
        application/vnd.google-earth.kml+xml kml
        application/vnd.google-earth.kmz kmz
        application/vnd.hal+xml hal
        application/vnd.iccprofile icc icm
        application/vnd.lotus-organizer org
        application/vnd.mapbox-vector-tile mvt
        application/vnd.mozilla.xul+xml xul
        application/vnd.ms-cab-compressed cab
        application/vnd.ms-excel xls xlm xla xlc xlt xlw
        application/vnd.ms-excel.sheet.binary.macroenabled.12 xlsb
        application/vnd.ms-excel.sheet.macroenabled.12 xlsm
        application/vnd.ms-fontobject eot
        application/vnd.ms-htmlhelp chm
        application/vnd.ms-outlook msg
        application/vnd.ms-powerpoint ppt pps pot
        application/vnd.ms-powerpoint.presentation.macroenabled.12 pptm
        application/vnd.ms-project mpt
        application/vnd.ms-word.document.macroenabled.12 docm
        application/vnd.ms-works wps wks wcm wdb
        application/vnd.ms-xpsdocument xps
        application/vnd.oasis.opendocument.chart odc
        application/vnd.oasis.opendocument.database odb
        application/vnd.oasis.opendocument.formula odf
        application/vnd.oasis.opendocument.graphics odg
        application/vnd.oasis.opendocument.image odi
        application/vnd.oasis.opendocument.presentation odp
        application/vnd.oasis.opendocument.presentation-template otp
        application/vnd.oasis.opendocument.spreadsheet ods
        application/vnd.oasis.opendocument.spreadsheet-template ots
        application/vnd.oasis.opendocument.text odt
        application/vnd.oasis.opendocument.text-template ott
        application/vnd.openstreetmap.data+xml osm
        application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
        application/vnd.openxmlformats-officedocument.presentationml.slideshow ppsx
        application/vnd.openxmlformats-officedocument.presentationml.template potx
        application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
        application/vnd.openxmlformats-officedocument.spreadsheetml.template xltx
        application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
        application/vnd.openxmlformats-officedocument.wordprocessingml.template dotx
        application/vnd.palm pdb pqa oprc
        application/vnd.rar rar
        application/vnd.sun.xml.calc sxc
        application/vnd.sun.xml.writer sxw
        application/vnd.tcpdump.pcap pcap cap dmp
        application/vnd.unity unityweb
        application/vnd.visio vsd vst vss vsw vsdx vtx
        application/vnd.wordperfect wpd
        application/voicexml+xml vxml
        application/wasm wasm
        application/wsdl+xml wsdl
        application/x-7z-compressed 7z
        application/x-abiword abw
        application/x-ace-compressed ace
        application/x-bittorrent torrent
        application/x-bzip bz
        application/x-bzip2 bz2 boz
        application/x-cbr cbr cba cbt cbz cb7
        application/x-chess-pgn pgn
        application/x-chrome-extension crx
        application/x-cpio cpio
        application/x-csh csh
        application/x-debian-package udeb
        application/x-dvi dvi
        application/x-font-bdf bdf
        application/x-font-pcf pcf
        application/x-font-type1 pfa pfb pfm afm
        application/x-freearc arc
        application/x-gtar gtar
        application/x-hdf hdf
        application/x-httpd-php php
        application/x-java-jnlp-file jnlp
        application/x-keepass2 kdbx
        application/x-latex latex
        application/x-lzh-compressed lzh lha
        application/x-makeself run
        application/x-mobipocket-ebook mobi
        application/x-ms-application application
        application/x-ms-shortcut lnk
        application/x-msaccess mdb
        application/x-msdownload com bat
        application/x-netcdf nc cdf
        application/x-ns-proxy-autoconfig pac
        application/x-perl pl pm
        application/x-pkcs12 p12 pfx
        application/x-pkcs7-certificates p7b spc
        application/x-redhat-package-manager rpm
        application/x-research-info-systems ris
        application/x-sh sh
        application/x-shar shar
        application/x-shockwave-flash swf
        application/x-silverlight-app xap
        application/x-stuffit sit
        application/x-stuffitx sitx
        application/x-subrip srt
        application/x-tar tar
        application/x-tcl tcl tk
        application/x-tex tex
        application/x-texinfo texinfo texi
        application/x-ustar ustar
        application/x-virtualbox-ova ova
        application/x-virtualbox-vdi vdi
        application/x-virtualbox-vmdk vmdk
        application/x-web-app-manifest+json webapp
        application/x-x509-ca-cert der crt pem
        application/x-xpinstall xpi
        application/x-xz xz
        application/xaml+xml xaml
        application/xhtml+xml xhtml xht
        application/xliff+xml xlf
        application/xml xml xsl xsd rng
        application/xml-dtd dtd
        application/xop+xml xop
        application/xslt+xml xslt
        application/xspf+xml xspf
        application/yang yang
        application/zip zip
        audio/aac adts aac
        audio/adpcm adp
        audio/amr amr
        audio/basic au snd
        audio/midi mid midi kar rmi
        audio/mp4 m4a mp4a
        audio/mpeg mpga mp2 mp2a mp3 m2a m3a
        audio/ogg oga ogg spx opus
        audio/s3m s3m
        audio/wav wav
        audio/webm weba
        audio/x-aiff aif aiff aifc
        audio/x-caf caf
        audio/x-flac flac
        audio/x-matroska mka
        audio/x-mpegurl m3u
        audio/x-ms-wma wma
        audio/x-pn-realaudio ram ra
        audio/xm xm
        chemical/x-cif cif
        chemical/x-xyz xyz
        font/collection ttc
        font/otf otf
        font/ttf ttf
        font/woff woff
        font/woff2 woff2
        image/aces exr
        image/apng apng
        image/avif avif
        image/bmp bmp dib
        image/cgm cgm
        image/dpx dpx
        image/emf emf
        image/fits fits
        image/gif gif
        image/heic heic
        image/heic-sequence heics
        image/heif heif
        image/heif-sequence heifs
        image/jp2 jp2 jpg2
        image/jpeg jpeg jpg jpe jfif
        image/jpm jpm jpgm
        image/jpx jpx jpf
        image/jxr jxr
        image/jxs jxs
        image/ktx ktx
        image/ktx2 ktx2
        image/png png
        image/svg+xml svg svgz
        image/tiff tif tiff
        image/vnd.adobe.photoshop psd
        image/vnd.djvu djvu djv
        image/vnd.dwg dwg
        image/vnd.dxf dxf
        image/vnd.microsoft.icon ico
        image/vnd.ms-dds dds
        image/vnd.ms-photo wdp
        image/vnd.wap.wbmp wbmp
        image/vnd.zbrush.pcx pcx
        image/webp webp
        image/wmf wmf
        image/x-portable-anymap pnm
        image/x-portable-bitmap pbm
        image/x-portable-graymap pgm
        image/x-portable-pixmap ppm
        image/x-rgb rgb
        image/x-tga tga
        image/x-xbitmap xbm
        image/x-xpixmap xpm
        message/rfc822 eml mime
        model/3mf 3mf
        model/gltf+json gltf
        model/gltf-binary glb
        model/iges igs iges
        model/mesh msh mesh silo
        model/mtl mtl
        model/obj obj
        model/stl stl
        model/vnd.collada+xml dae
        model/vnd.usdz+zip usdz
        model/vrml wrl vrml
        model/x3d+xml x3d x3dz
        text/cache-manifest appcache manifest
        text/calendar ics ifb
        text/coffeescript coffee litcoffee
        text/css css
        text/csv csv
        text/html html htm shtml
        text/jade jade
        text/javascript js mjs
        text/jsx jsx
        text/less less
        text/markdown md markdown
        text/mathml mml
        text/mdx mdx
        text/n3 n3
        text/plain txt text conf def list log in ini
        text/richtext rtx
        text/sgml sgml sgm
        text/shex shex
        text/slim slim slm
        text/spdx spdx
        text/stylus stylus styl
        text/tab-separated-values tsv
        text/troff t tr roff man me ms
        text/turtle ttl
        text/uri-list uri uris urls
        text/vcard vcard
        text/vnd.graphviz gv
        text/vnd.wap.wml wml
        text/vtt vtt
        text/wgsl wgsl
        text/x-asm s asm
        text/x-c c cc cxx cpp h hh dic
        text/x-component htc
        text/x-fortran f for f77 f90
        text/x-handlebars-template hbs
        text/x-java-source java
        text/x-lua lua
        text/x-nfo nfo
        text/x-opml opml
        text/x-pascal p pas
        text/x-sass sass
        text/x-scss scss
        text/x-vcalendar vcs
        text/x-vcard vcf
        text/yaml yaml yml
        video/3gpp 3gp 3gpp
        video/3gpp2 3g2
        video/h264 h264
        video/iso.segment m4s
        video/jpeg jpgv
        video/mj2 mj2 mjp2
        video/mp2t ts m2t m2ts mts
        video/mp4 mp4 mp4v mpg4
        video/mpeg mpeg mpg mpe m1v m2v
        video/ogg ogv
        video/quicktime qt mov
        video/vnd.mpegurl mxu m4u
        video/webm webm
        video/x-f4v f4v
        video/x-flv flv
        video/x-m4v m4v
        video/x-matroska mkv mk3d mks
        video/x-ms-asf asf asx
        video/x-ms-wm wm
        video/x-ms-wmv wmv
        video/x-msvideo avi
        video/x-sgi-movie movie
        """
}
