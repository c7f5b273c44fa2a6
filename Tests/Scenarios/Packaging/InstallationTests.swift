import DNSWire
import Foundation
import TestSupport
import Testing

/// The package on a machine of Debian that has systemd, no Swift, and no network but loopback.
@Suite(.serialized, .enabled(if: DebianMachine.isPossible, .init(rawValue: DebianMachine.reason)))
struct InstallationTests {
    @Test func `apt-get installs it on a machine without Swift, which it serves from then on`() throws {
        let machine = try DebianMachine()
        let resolvConf = try machine.output("cat /etc/resolv.conf")
        try machine.install()
        #expect(try machine.output("systemctl is-enabled sekisho.socket sekisho.service") == "enabled\nenabled\n")
        #expect(try machine.output("sekisho version") == "sekisho \(machine.release.version)\n")
        for transport in Transport.allCases {
            #expect(try machine.ask("block.sekisho.test", over: transport) == .nxDomain)
            #expect(try machine.ask("www.example", over: transport) == .noError)
        }
        try machine.output("sekisho healthcheck --server 127.0.0.1:53")
        #expect(try machine.output("cat /etc/resolv.conf") == resolvConf)
        #expect(try machine.output("dpkg --verify sekisho") == "")
    }

    @Test func `systemctl reload puts a changed configuration in force`() throws {
        let machine = try DebianMachine()
        try machine.install()
        #expect(try machine.ask("ads.example") == .noError)
        try machine.output("echo 'block: [ads.example.txt]' >>/etc/sekisho/sekisho.yaml")
        try machine.output("echo ads.example >/etc/sekisho/ads.example.txt; systemctl reload sekisho")
        #expect(try machine.ask("ads.example") == .nxDomain)
    }

    @Test func `an upgrade keeps the configuration, and every query meanwhile is answered`() throws {
        let machine = try DebianMachine()
        try machine.install()
        try machine.output("echo 'block_ttl: 33s' >>/etc/sekisho/sekisho.yaml")
        let before = try machine.output("systemctl show -P MainPID sekisho; md5sum /etc/sekisho/sekisho.yaml")
        // Once a tenth of a second until the upgrade is over, each waits for as long as a client would.
        try machine.output(
            """
            apt-get --quiet --quiet install --yes /packages/later.deb >/tmp/upgrade 2>&1 &
            upgrade=$!
            while kill -0 $upgrade 2>/dev/null; do
                sekisho query block.sekisho.test --server 127.0.0.1:53 --timeout 30 >/tmp/answer || echo lost >>/tmp/lost
                sleep 0.1
            done
            wait $upgrade && test ! -e /tmp/lost
            """)
        let after = try machine.output("systemctl show -P MainPID sekisho; md5sum /etc/sekisho/sekisho.yaml")
        let (old, new) = (before.split(separator: "\n"), after.split(separator: "\n"))
        #expect(old[0] != new[0] && new[0] != "0")
        #expect(old[1] == new[1])
        #expect(try machine.output("dpkg-query --show -f='${Version}' sekisho") == "\(machine.release.version)-2")
        #expect(try machine.ask("block.sekisho.test") == .nxDomain)
    }

    @Test func `an upgrade leaves a service that the administrator has disabled alone`() throws {
        let machine = try DebianMachine()
        try machine.install()
        try machine.output("systemctl disable --now sekisho.socket sekisho.service 2>&1")
        try machine.install("later")
        for (question, answer) in [("is-enabled", "disabled"), ("is-active", "inactive")] {
            let state = try machine.run("systemctl \(question) sekisho.socket sekisho.service").output
            #expect(state == "\(answer)\n\(answer)\n")
        }
    }

    @Test func `removal gives the host its resolver back, and keeps the configuration`() throws {
        let machine = try DebianMachine()
        let resolvConf = try machine.output("cat /etc/resolv.conf")
        try machine.install()
        try machine.output("sekisho host enable")
        #expect(try machine.output("cat /etc/resolv.conf") != resolvConf)
        #expect(try machine.ask("www.example") == .noError)
        try machine.output("apt-get --quiet --quiet remove --yes sekisho")
        #expect(try machine.output("cat /etc/resolv.conf") == resolvConf)
        #expect(try machine.ask("block.sekisho.test") == nil)
        #expect(try machine.run("systemctl is-active sekisho.socket sekisho.service").output == "inactive\ninactive\n")
        #expect(try machine.output("ls /etc/sekisho") == "sekisho.yaml\n")
        try machine.install()
        #expect(try machine.ask("block.sekisho.test") == .nxDomain)
    }

    @Test func `a purge leaves the machine as it was`() throws {
        let machine = try DebianMachine()
        try machine.output(
            """
            wanted() { dpkg-deb --field /packages/sekisho.deb $1; }
            apt-get --quiet --quiet satisfy --yes "$(wanted Depends), $(wanted Recommends)"
            """)
        // What apt, dpkg and systemd note for themselves is not the package's.
        let listing = """
            find / -xdev -path /var/lib/dpkg -prune -o -path /var/lib/apt -prune -o -path /var/cache -prune \\
                -o -path /var/log/apt -prune -o -path /var/lib/systemd -prune -o -path /packages -prune -o -print \\
                | grep -vE '^/(tmp|var/tmp)/|^/var/(lib|log)/private$|^/var/log/(dpkg|alternatives)|\\.wants$' | sort
            """
        let before = try machine.output(listing)
        try machine.install()
        #expect(try machine.output(listing).contains("/usr/bin/sekisho\n"))
        try machine.output("test -e /var/lib/private/sekisho")
        try machine.output("apt-get --quiet --quiet purge --yes sekisho")
        let (old, new) = (Set(before.split(separator: "\n")), Set(try machine.output(listing).split(separator: "\n")))
        #expect(new.subtracting(old).isEmpty && old.subtracting(new).isEmpty, "\(new.symmetricDifference(old))")
    }

    @Test func `without systemd it is installed and removed all the same`() throws {
        let machine = try DebianMachine()
        // To the scripts of packages it runs where this folder is.
        try machine.output("mount --bind /mnt /run/systemd")
        try machine.install()
        #expect(try machine.ask("block.sekisho.test") == nil)
        try machine.output("apt-get --quiet --quiet purge --yes sekisho && ! test -e /etc/sekisho")
    }
}
