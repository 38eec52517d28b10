# Brings the network of the pods back after a reboot, as it was last set up.
cd /var/lib/bowline/boot || exit
sysctl -qw net.ipv4.ip_forward=1
sysctl -qew net.bridge.bridge-nf-call-iptables=0
ip -force -batch routes
[ -s rules ] || exit 0
nft -f rules || exit
# Packets from 127.0.0.1 may leave the host only where rules keep others from that address.
! grep -q 'chain loopback' rules || sysctl -qw net.ipv4.conf.all.route_localnet=1
