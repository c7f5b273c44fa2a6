package import DomainFeeds
import PolicyStore

extension PolicySettings {
    /// The feeds that lists name, in the order in which they are known.
    package var usedFeeds: [Feed] {
        let names = feedNames(of: block + allow + alert + managedLists.flatMap(\.files))
        return feeds.filter { names.contains($0.name) }
    }

    /// A refresher of these feeds, with the names that they must not block.
    package func feedRefresher(stateDirectory: String) -> FeedRefresher {
        var protected = ProtectedNames()
        for feed in usedFeeds { if let host = feed.source.host { protected.insert(host) } }
        for list in allow {
            guard let octets = try? ListFile.octets(of: list.origin) else { continue }
            protected.add(entriesOf: octets, fileName: list.origin.fileName)
        }
        return FeedRefresher(
            stateDirectory: stateDirectory, limits: quarantine,
            blocking: feedNames(of: block + managedLists.flatMap(\.files)), protected: protected)
    }

    /// Leaves feeds' copies where they are: another state directory needs a restart.
    package mutating func keepFeeds(in stateDirectory: String) {
        func keep(_ lists: inout [ListSource]) {
            for index in lists.indices {
                guard case .feed(let name, _, let fileName) = lists[index].origin else { continue }
                let directory = FeedDirectory(stateDirectory: stateDirectory, feed: name)
                lists[index].origin = .feed(name: name, path: directory.currentPath, fileName: fileName)
            }
        }
        keep(&block)
        keep(&allow)
        keep(&alert)
        for index in managedLists.indices { keep(&managedLists[index].files) }
    }

    private func feedNames(of lists: [ListSource]) -> Set<String> {
        Set(lists.compactMap { if case .feed(let name, _, _) = $0.origin { name } else { nil } })
    }
}
