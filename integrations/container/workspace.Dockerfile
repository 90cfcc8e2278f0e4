# The binary as a step that leaves a profile in the folder that all steps share: Bitbucket, Drone, Woodpecker.
# Build it in this folder: docker build --platform linux/amd64 --file workspace.Dockerfile .
FROM busybox:1.37.0-musl
ADD --checksum=sha256:d058aaa39db7c62751d336166f8b43a48e661fabe7044c9ba4745e48a4b3b98f --chmod=0755 \
    https://raw.githubusercontent.com/OWNER/rolehop/v0.4.0/dist/bin/linux-x64/rolehop /usr/local/bin/rolehop
COPY --chmod=0755 workspace.sh /usr/local/bin/workspace
# Steps run as root there, and the folder belongs to root: another user could neither write nor read the profile.
# hadolint ignore=DL3002
USER 0:0
ENTRYPOINT ["/usr/local/bin/workspace"]
