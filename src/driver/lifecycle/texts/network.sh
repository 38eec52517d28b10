# Brings the network of the pods back after a reboot, as it was last set up.
cd /var/lib/bowline/boot || exit
sysctl -qw net.ipv4.ip_forward=1
sysctl -qew net.bridge.bridge-nf-call-iptables=0
ip -force -batch routes
[ ! -s rules ] || { nft -f rules && sysctl -qw net.ipv4.conf.all.route_localnet=1; }
